-- One row per event about products, orders and subscriptions, bots apart: the few columns of it that money needs.
--
-- What is known of a whole person's or order's history is looked up here, and not among all events.
{{ config(
    indexes=[
        {'columns': ['event_id', 'source', 'person_id'], 'unique': true},
        {'columns': ['person_id', 'event_date']},
        {'columns': ['event_date']},
    ],
    meta={'scope': {'by': 'person_date'}},
) }}
with events as (
    select
        fact.source,
        fact.event_id,
        fact.person_id,
        fact.event_ts,
        fact.event_date,
        fact.event_type,
        fact.product_id,
        dim_product.category,
        fact.order_id,
        fact.quantity,
        fact.amount,
        fact.currency,
        lower(coalesce(fact.properties ->> 'plan', dim_user.plan)) as plan,
        fact.properties ->> 'subscription_id' as subscription_id,
        lower(fact.properties ->> 'billing_period') as billing_period
    from {{ ref('fact_user_events') }} as fact
    left join {{ ref('dim_user') }} as dim_user on fact.user_key = dim_user.user_key
    left join {{ ref('dim_product') }} as dim_product on fact.product_key = dim_product.product_key
    where
        not fact.is_bot
        and fact.event_type = any({{ text_array(var('commerce_events')) }})
        and {{ in_scope('fact.person_id', 'fact.event_date') }}
)

select
    source,
    event_id,
    person_id,
    event_ts,
    event_date,
    event_type,
    product_id,
    category,
    case
        when event_type not in ('purchase', 'refund') then null
        when order_id is not null then 'order:' || order_id
        else 'event:' || source || ':' || event_id
    end as order_key,
    case when event_type in ('purchase', 'refund') then coalesce(quantity, 1) end as quantity,
    amount,
    currency,
    plan,
    subscription_id,
    {{ billing_months('billing_period', 'plan') }} as billing_months
from events
{{ in_order_of('event_date') }}
