-- One row per day, week and month with an event.
{{ config(
    indexes=[{'columns': ['period', 'period_start'], 'unique': true}],
    meta={'scope': {'by': 'periods'}},
) }}
select
    periods.period,
    periods.period_start,
    sum(totals.events)::bigint as events
from {{ ref('fact_daily_totals') }} as totals
{{ periods_in_scope('totals.event_date') }}
group by periods.period, periods.period_start
