-- Events that were loaded on these days and are no fact. Nearly all became facts of these very days. Only the
-- others are looked up among all facts, by index.
with elsewhere as materialized (
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
            select facts.event_id
            from core.fact_user_events as facts
            where
                facts.load_date in ({{ days }})
                and facts.event_id = events.event_id
                and facts.source = events.source
        )
)

select
    elsewhere.load_date,
    elsewhere.file_no,
    elsewhere.line_no,
    elsewhere.source,
    elsewhere.event_id
from elsewhere
where
    not exists (
        select facts.event_id
        from core.fact_user_events as facts
        where
            facts.event_id = elsewhere.event_id
            and facts.source = elsewhere.source
    )
