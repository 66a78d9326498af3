select
    load_date::timestamptz as "time",
    status
from ops.day_status
where $__timeFilter(load_date)
order by load_date
