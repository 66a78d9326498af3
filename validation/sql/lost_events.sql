-- Events that were loaded on these days and are no fact. Nearly all became facts of these very days. Only the
-- others are looked up among all facts, by index. A full join is never done row by row, as another would be where
-- statistics do not know these days yet.
with elsewhere as materialized (
    select
        events.load_date,
        events.file_no,
        events.line_no,
        events.source,
        events.event_id
    from (
        select
            load_date,
            file_no,
            line_no,
            source,
            event_id
        from raw.user_events
        where load_date in ({{ days }})
    ) as events
    full join (
        select
            source,
            event_id
        from core.fact_user_events
        where load_date in ({{ days }})
    ) as facts on events.event_id = facts.event_id and events.source = facts.source
    where facts.event_id is null
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
