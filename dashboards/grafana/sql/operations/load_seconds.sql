select
    load_date::timestamptz as "time",
    staging_seconds as "landing to staged",
    publish_seconds as "landing to published"
from ops.day_status
where $__timeFilter(load_date)
order by load_date
