select
    name,
    count(*) as runs,
    percentile_cont(0.5) within group (order by seconds) as median_seconds,
    max(seconds)::float8 as slowest_seconds,
    sum(rows_affected) as rows_affected
from ops.model_run
where
    resource_type = 'model'
    and $__timeFilter(finished_at)
group by name
order by slowest_seconds desc
limit 30
