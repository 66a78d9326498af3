select sum(quarantined)::float8 / nullif(sum(lines_read - skipped), 0) as quarantined_share
from ops.day_status
where $__timeFilter(load_date)
