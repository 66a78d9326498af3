-- Change records of which it is not known what they change, when, or how.
select
    staged_for,
    file_no,
    line_no,
    source,
    {{ key }},
    changed_at,
    op
from {{ batch }} as batch
where
    num_nulls(source, {{ key }}, changed_at, op) > 0
    or op not in ('upsert', 'delete')
