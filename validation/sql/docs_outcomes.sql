-- What the audit of these loads found, what failed first.
select
    load_id,
    suite,
    severity,
    success,
    element_count,
    unexpected_count,
    message
from ops.validation_result
where load_id = any({{ load_ids }})
order by load_id, success, severity, suite, message
