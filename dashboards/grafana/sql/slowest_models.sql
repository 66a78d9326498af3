select
    name,
    max(seconds)::float8 as slowest,
    percentile_cont(0.5) within group (order by seconds) as median
from ops.model_run
where
    resource_type = 'model'
    and $__timeFilter(finished_at)
group by name
order by slowest desc
limit 30
