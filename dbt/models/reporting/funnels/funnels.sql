-- One row per funnel, breakdown, its value, period and step: `mart_funnels`, and the same over all of history.
select
    funnels.funnel,
    funnels.breakdown,
    funnels.breakdown_value,
    funnels.period,
    case when funnels.period = 'all' then dates.first_date else funnels.period_start end as period_start,
    funnels.step,
    funnels.step_name,
    funnels.people,
    funnels.conversion_from_first,
    funnels.conversion_from_previous,
    funnels.people_lost,
    funnels.drop_off,
    funnels.mean_seconds_from_first,
    funnels.median_seconds_from_first,
    funnels.p25_seconds_from_first,
    funnels.p75_seconds_from_first,
    funnels.p90_seconds_from_first,
    funnels.mean_seconds_from_previous,
    funnels.median_seconds_from_previous,
    funnels.p25_seconds_from_previous,
    funnels.p75_seconds_from_previous,
    funnels.p90_seconds_from_previous,
    funnels.complete_on <= dates.last_date as is_complete
from (
    select * from {{ ref('mart_funnels') }}
    union all
    select * from ({{ funnel_counts(ref('fact_funnel_runs'), periods=['all']) }}) as all_time
) as funnels
cross join (
    select
        min(event_date) as first_date,
        max(event_date) as last_date
    from {{ ref('active_dates') }}
) as dates
