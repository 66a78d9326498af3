select coalesce(sum(loaded), 0) as rows_loaded
from ops.day_status
where $__timeFilter(load_date)
