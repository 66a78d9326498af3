-- Facts that say they were loaded on these days, and were not. (A full join for the reason that lost_events.sql gives.)
select
    facts.load_date,
    facts.source,
    facts.event_id
from (
    select
        load_date,
        source,
        event_id
    from core.fact_user_events
    where load_date in ({{ days }})
) as facts
full join (
    select
        load_date,
        source,
        event_id
    from raw.user_events
    where load_date in ({{ days }})
) as events
    on facts.load_date = events.load_date and facts.event_id = events.event_id and facts.source = events.source
where events.event_id is null
