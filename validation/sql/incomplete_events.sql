-- Events without a column that their type needs.
select
    staged_for,
    file_no,
    line_no,
    event_id,
    event_type
from {{ batch }} as batch
where {{ is_incomplete }}
