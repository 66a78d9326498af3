select
    finished_at,
    resource_type,
    name,
    status,
    seconds,
    message
from ops.model_run
where
    status not in ('success', 'pass', 'skipped')
    and $__timeFilter(finished_at)
order by finished_at desc
limit 200
