-- The last event of the days that were built, when the marts end before it.
with last_event as (
    select max(event_date) as event_date
    from core.fact_user_events
    where load_date in ({{ days }})
)

select last_event.event_date
from last_event
where last_event.event_date > (select coalesce(max(mart.activity_date), '-infinity') from {{ batch }} as mart)
