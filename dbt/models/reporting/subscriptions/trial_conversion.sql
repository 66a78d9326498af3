-- One row per month in which people first tried a plan: how many of them paid for one.
with dates as (
    select max(event_date) as last_date
    from {{ ref('active_dates') }}
),

trials as (
    select
        {{ month_of('first_trial_date') }} as cohort_month,
        first_subscription_date - first_trial_date as days,
        first_subscription_date - first_trial_date between 0 and {{ var('trial_conversion_days') }} as is_converted
    from {{ ref('fact_customers') }}
    where first_trial_date is not null
)

select
    trials.cohort_month,
    (trials.cohort_month + interval '1 month')::date + {{ var('trial_conversion_days') }} <= min(dates.last_date) + 1
        as is_complete,
    count(*) as trials,
    count(*) filter (where trials.is_converted) as converted,
    round(count(*) filter (where trials.is_converted)::numeric / count(*), 4) as conversion_rate,
    round(avg(trials.days) filter (where trials.is_converted), 2) as mean_days_to_convert
from trials
cross join dates
group by trials.cohort_month
