-- One row per day, week or month and number of features that active people used in it, 0 included.
with {{ people_of_periods() }},

counted as (
    select
        period,
        period_start,
        breadth,
        people
    from {{ ref('mart_feature_use') }}
    where feature = '(any)'
    union all
    select
        periods.period,
        periods.period_start,
        0 as breadth,
        periods.active_people - coalesce(sum(mart.people), 0)::bigint as people
    from periods
    left join {{ ref('mart_feature_use') }} as mart
        on periods.period = mart.period and periods.period_start = mart.period_start and mart.feature = '(any)'
    group by periods.period, periods.period_start, periods.active_people
)

select
    counted.period,
    counted.period_start,
    counted.breadth as features_used,
    counted.people,
    periods.active_people,
    round(counted.people::numeric / nullif(periods.active_people, 0), 4) as share,
    periods.is_complete
from counted
inner join periods on counted.period = periods.period and counted.period_start = periods.period_start
