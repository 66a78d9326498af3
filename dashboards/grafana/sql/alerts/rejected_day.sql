select
    min(staged_at)::text as since,
    min(load_date)::text as first_day,
    count(*) as trouble
from ops.rejected_day
where not exists (
    select
    from ops.alert
    where
        alert.recovered_at is null
        and alert.said_at is not null
        and rejected_day.load_date = any(alert.load_dates)
)
having count(*) > 0
