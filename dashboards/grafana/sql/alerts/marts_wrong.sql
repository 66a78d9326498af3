select
    min(checked_at)::text as since,
    min(expectation) as expectation,
    count(*) as trouble
from ops.open_failure
where
    build_id is not null
    and not exists (
        select
        from ops.open_alert
        where
            said_at is not null
            and cause like 'engagement_daily.audit_marts%'
    )
having count(*) > 0
