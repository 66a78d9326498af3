-- Change records of one thing at one time, delivered more than once in this load.
select
    source,
    {{ key }},
    changed_at,
    count(*) as times
from {{ batch }}
group by source, {{ key }}, changed_at
having count(*) > 1
