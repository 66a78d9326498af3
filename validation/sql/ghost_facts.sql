-- Facts that say they were loaded on these days, and were not.
select
    facts.load_date,
    facts.source,
    facts.event_id
from core.fact_user_events as facts
where
    facts.load_date in ({{ days }})
    and not exists (
        select
        from raw.user_events as events
        where
            events.load_date in ({{ days }})
            and events.load_date = facts.load_date
            and events.event_id = facts.event_id
            and events.source = facts.source
    )
