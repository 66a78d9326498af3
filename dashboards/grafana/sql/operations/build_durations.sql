select
    finished_at as "time",
    seconds::float8 as seconds,
    load_days
from ops.build_duration
where
    status = 'succeeded'
    and $__timeFilter(finished_at)
order by finished_at
