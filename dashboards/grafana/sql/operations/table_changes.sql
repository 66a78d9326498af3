select
    schema_name || '.' || table_name as "table",
    estimated_rows as "rows",
    rows_per_day as "rows a load day",
    lowest_expected as "from",
    highest_expected as "to",
    is_out_of_band as "out of its band",
    bytes
from ops.table_change
order by is_out_of_band desc, bytes desc, "table"
