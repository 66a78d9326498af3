-- Event ids that a source delivered more than once in this load.
select
    source,
    event_id,
    count(*) as times
from {{ batch }}
group by source, event_id
having count(*) > 1
