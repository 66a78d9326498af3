select
    $__timeGroup(checked_at, '1d') as "time",
    severity as metric,
    count(*) filter (where not success) as failed
from ops.validation_result
where $__timeFilter(checked_at)
group by 1, 2
order by 1, 2
