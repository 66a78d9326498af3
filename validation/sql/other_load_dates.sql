-- Rows that say they are of another load day than the one they are staged for.
select
    staged_for,
    load_date,
    file_no,
    line_no
from {{ batch }} as batch
where load_date <> staged_for
