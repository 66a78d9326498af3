select
    schema_name || '.' || table_name as "table",
    live_rows as "live rows",
    dead_rows as "dead rows",
    dead_share as "share",
    vacuumed_at as "last vacuum"
from ops.dead_rows
where dead_rows > 0
order by dead_rows desc, "table"
limit 30
