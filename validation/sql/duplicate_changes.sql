-- Change records of one thing at one time, delivered more than once in this load; each full extract is by itself.
select
    staged_for,
    source,
    {{ key }},
    changed_at,
    extract_of,
    extracted_at,
    count(*) as times
from {{ batch }} as batch
group by staged_for, source, {{ key }}, changed_at, extract_of, extracted_at
having count(*) > 1
