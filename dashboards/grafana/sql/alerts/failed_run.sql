select
    min(finished_at)::text as since,
    min(first_load_date)::text as first_day,
    count(*) as trouble
from ops.failed_run
where not exists (
    select
    from ops.alert
    where
        alert.recovered_at is null
        and alert.said_at is not null
        and failed_run.first_load_date = any(alert.load_dates)
)
having count(*) > 0
