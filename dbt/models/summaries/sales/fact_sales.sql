-- One row per event of orders and subscriptions, with its amount in the reporting currency by the rate of its date.
{{ config(
    indexes=[
        {'columns': ['event_id', 'source', 'person_id'], 'unique': true},
        {'columns': ['event_date']},
        {'columns': ['person_id']},
        {'columns': ['order_key']},
    ],
    meta={'scope': {'by': 'event_date'}},
) }}
select
    events.source,
    events.event_id,
    events.person_id,
    events.event_ts,
    events.event_date,
    events.event_type,
    events.product_id,
    events.category,
    events.order_key,
    events.quantity,
    events.amount,
    events.currency,
    events.amount * rates.rate as reporting_amount,
    events.amount is not null and rates.rate is null as is_without_rate,
    events.plan,
    events.subscription_id,
    events.billing_months
from {{ ref('fact_commerce_events') }} as events
left join {{ ref('currency_rates') }} as rates
    on events.event_date = rates.event_date and events.currency = rates.currency
where events.event_type <> 'product_view' and {{ in_scope('events.event_date') }}
{{ in_order_of('events.event_date') }}
