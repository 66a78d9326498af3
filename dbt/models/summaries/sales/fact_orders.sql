-- One row per order and currency of its amounts: when it was made, by whom, what was paid and what went back.
--
-- An order of which only a refund is known has no date and nobody who made it.
{{ config(
    indexes=[
        {'columns': ['order_key', 'currency'], 'unique': true},
        {'columns': ['order_date']},
        {'columns': ['person_id']},
        {'columns': ['first_refund_date']},
    ],
    meta={
        'scope': {'by': 'keys', 'of': 'fact_sales', 'columns': {'order_key': 'order_key'}},
        'keys': {'event_date': 'coalesce(order_date, first_refund_date)'},
    },
) }}
with lines as (
    select
        order_key,
        coalesce(currency, 'unknown') as currency,
        event_type,
        event_date,
        quantity,
        amount,
        reporting_amount,
        is_without_rate,
        first_value(case when event_type = 'purchase' then event_date end) over first_line as order_date,
        first_value(case when event_type = 'purchase' then person_id end) over first_line as person_id
    from {{ ref('fact_sales') }}
    where order_key is not null and {{ in_scope('order_key') }}
    window first_line as (
        partition by order_key order by (event_type = 'purchase') desc, event_ts, source, event_id
    )
)

select
    order_key,
    currency,
    min(order_date) as order_date,
    min(person_id) as person_id,
    min(event_date) filter (where event_type = 'refund') as first_refund_date,
    count(*) filter (where event_type = 'purchase') as lines,
    coalesce(sum(quantity) filter (where event_type = 'purchase'), 0) as units,
    coalesce(sum(amount) filter (where event_type = 'purchase'), 0) as amount,
    sum(reporting_amount) filter (where event_type = 'purchase') as reporting_amount,
    count(*) filter (where event_type = 'purchase' and is_without_rate) as amounts_without_rate,
    count(*) filter (where event_type = 'refund') as refunds,
    coalesce(sum(amount) filter (where event_type = 'refund'), 0) as refunded_amount,
    coalesce(sum(reporting_amount) filter (where event_type = 'refund'), 0) as refunded_reporting_amount
from lines
group by order_key, currency
{{ in_order_of('order_date') }}
