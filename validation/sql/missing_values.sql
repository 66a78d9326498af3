-- Rows that lack what each row has.
select
    staged_for,
    file_no,
    line_no,
    {{ columns }}
from {{ batch }} as batch
where num_nulls({{ columns }}) > 0
