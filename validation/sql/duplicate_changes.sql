-- Change records of one thing at one time, delivered more than once in this load.
select
    staged_for,
    source,
    {{ key }},
    changed_at,
    count(*) as times
from {{ batch }} as batch
group by staged_for, source, {{ key }}, changed_at
having count(*) > 1
