-- Events that were loaded on these days and are no fact.
select
    events.load_date,
    events.file_no,
    events.line_no,
    events.source,
    events.event_id
from raw.user_events as events
where
    events.load_date in ({{ days }})
    and not exists (
        select
        from core.fact_user_events as facts
        where
            facts.event_id = events.event_id
            and facts.source = events.source
    )
