-- One row per date and category.
{{ config(
    indexes=[{'columns': ['sale_date', 'category'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'sale_date'}},
) }}
select events.event_date as sale_date, product.category, sum(events.amount) as revenue
from {{ ref('fact_user_events') }} as events
inner join {{ ref('dim_product') }} as product on events.product_key = product.product_key
where {{ in_scope('events.event_date') }} and events.event_type = 'purchase' and product.category is not null
group by events.event_date, product.category
