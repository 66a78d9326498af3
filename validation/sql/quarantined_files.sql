-- Files of these loads of whose lines more than {{ share }} were held back.
select
    load_date,
    path,
    lines_read,
    quarantined
from ops.file_load
where
    load_id in ({{ load_ids }})
    and quarantined > {{ share }} * lines_read
order by load_date, path
