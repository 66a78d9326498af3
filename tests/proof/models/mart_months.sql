-- One row per month.
{{ config(
    indexes=[{'columns': ['month_start'], 'unique': true}],
    meta={'scope': {'by': 'event_month'}},
) }}
select {{ month_of('event_date') }} as month_start, sum(events)::bigint as events
from {{ ref('fact_daily_totals') }}
where {{ in_scope(month_of('event_date')) }}
group by 1
