-- One row per two products that were bought together in orders of the last days.
{{ config(
    indexes=[{'columns': ['product_id', 'other_product_id'], 'unique': true}],
    meta={'scope': {'by': 'all'}},
) }}
with dates as (
    select max(event_date) as last_date
    from {{ ref('active_dates') }}
),

baskets as (
    select distinct
        sales.order_key,
        sales.product_id
    from {{ ref('fact_sales') }} as sales
    inner join dates on sales.event_date > dates.last_date - {{ var('basket_days') }}
    where sales.event_type = 'purchase' and sales.product_id is not null
),

products as (
    select
        product_id,
        count(*) as orders
    from baskets
    group by product_id
),

pairs as (
    select
        one.product_id,
        other.product_id as other_product_id,
        count(*) as orders_together
    from baskets as one
    inner join baskets as other on one.order_key = other.order_key and one.product_id <> other.product_id
    group by one.product_id, other.product_id
)

select
    dates.last_date,
    pairs.product_id,
    pairs.other_product_id,
    pairs.orders_together,
    products.orders,
    others.orders as other_orders,
    totals.orders as all_orders,
    round(pairs.orders_together::numeric / totals.orders, 6) as support,
    round(pairs.orders_together::numeric / products.orders, 4) as confidence,
    round(pairs.orders_together::numeric * totals.orders / (products.orders * others.orders), 4) as lift
from pairs
inner join products on pairs.product_id = products.product_id
inner join products as others on pairs.other_product_id = others.product_id
cross join dates
cross join (select count(distinct order_key) as orders from baskets) as totals
