select
    schema_name,
    table_name,
    estimated_rows,
    rows_added,
    bytes,
    bytes_added
from ops.table_growth
where is_latest
order by schema_name, table_name
