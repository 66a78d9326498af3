select
    checked_at,
    severity,
    load_date,
    build_id,
    suite,
    message
from ops.validation_result
where
    not success
    and $__timeFilter(checked_at)
order by checked_at desc
limit 200
