-- Files of this load of whose lines more than {{ share }} were held back.
select
    path,
    lines_read,
    quarantined
from ops.file_load
where
    load_id = {{ load_id }}
    and quarantined > {{ share }} * lines_read
order by path
