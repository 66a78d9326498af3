-- One row per date, without gaps from the first to the last date that has an event.
{{ config(
    indexes=[{'columns': ['event_date'], 'unique': true}],
    meta={'scope': {'by': 'all'}},
) }}
with bounds as (
    select
        min(event_date) as first_date,
        max(event_date) as last_date
    from {{ ref('fact_daily_totals') }}
)

select days.day::date as event_date
from bounds
cross join generate_series(bounds.first_date::timestamp, bounds.last_date::timestamp, interval '1 day') as days (day)
