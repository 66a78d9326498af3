-- Events that are a fact of these days more than once. (A unique index keeps other days from having them, too.)
select
    source,
    event_id,
    count(*) as times
from core.fact_user_events
where load_date in ({{ days }})
group by source, event_id
having count(*) > 1
