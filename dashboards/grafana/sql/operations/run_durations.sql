select
    started_at as "time",
    run_type as metric,
    seconds::float8 as seconds
from ops.run_duration
where
    finished_at is not null
    and $__timeFilter(started_at)
order by started_at
