select
    $__timeGroup(finished_at, $__interval) as "time",
    resource_type as metric,
    sum(seconds)::float8 as seconds
from ops.model_run
where $__timeFilter(finished_at)
group by 1, 2
order by 1, 2
