-- One row per date with an event: the events of that date and of the two after it.
{{ config(
    indexes=[{'columns': ['event_date'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'before': 2}},
) }}
select today.event_date, sum(ahead.events)::bigint as events
from {{ ref('fact_daily_totals') }} as today
inner join {{ ref('fact_daily_totals') }} as ahead
    on ahead.event_date between today.event_date and today.event_date + 2
where {{ in_scope('today.event_date') }}
group by today.event_date
