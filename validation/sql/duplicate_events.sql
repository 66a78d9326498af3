-- Event ids that a source delivered more than once in this load.
select
    staged_for,
    source,
    event_id,
    count(*) as times
from {{ batch }} as batch
group by staged_for, source, event_id
having count(*) > 1
