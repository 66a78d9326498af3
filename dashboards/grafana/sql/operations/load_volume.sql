select
    load_date::timestamptz as "time",
    loaded,
    duplicates,
    quarantined,
    skipped
from ops.day_status
where $__timeFilter(load_date)
order by load_date
