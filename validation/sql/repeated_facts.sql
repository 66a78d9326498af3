-- Events of these days that are a fact more than once, whatever day the other came from.
select
    facts.source,
    facts.event_id,
    count(*) as times
from core.fact_user_events as facts
where (facts.event_id, facts.source) in (
    select
        built.event_id,
        built.source
    from core.fact_user_events as built
    where built.load_date in ({{ days }})
)
group by facts.source, facts.event_id
having count(*) > 1
