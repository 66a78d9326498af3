-- One row per day, week or month and feature that somebody used in it.
with {{ people_of_periods() }}

select
    mart.period,
    mart.period_start,
    mart.feature,
    mart.people,
    periods.active_people,
    round(mart.people::numeric / periods.active_people, 4) as share,
    mart.uses,
    round(mart.uses::numeric / mart.people, 4) as uses_per_person,
    mart.median_uses,
    periods.is_complete
from {{ ref('mart_feature_use') }} as mart
inner join periods on mart.period = periods.period and mart.period_start = periods.period_start
where mart.feature <> '(any)'
