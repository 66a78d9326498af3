-- One row per person who ever ordered, tried a plan or paid for one: the first date of each.
{{ config(
    indexes=[{'columns': ['person_id'], 'unique': true}],
    meta={'scope': {'by': 'person_id'}, 'keys': {'event_date': 'first_order_date'}},
) }}
select
    person_id,
    min(event_date) filter (where event_type = 'order') as first_order_date,
    min(event_date) filter (where event_type = 'trial_start') as first_trial_date,
    min(event_date) filter (where event_type in ('subscription_start', 'subscription_renew'))
        as first_subscription_date
from (
    select
        person_id,
        order_date as event_date,
        'order' as event_type
    from {{ ref('fact_orders') }}
    where person_id is not null and {{ in_scope('person_id') }}
    union all
    select
        person_id,
        event_date,
        event_type
    from {{ ref('fact_sales') }}
    where
        event_type in ('trial_start', 'subscription_start', 'subscription_renew')
        and {{ in_scope('person_id') }}
) as firsts
group by person_id
