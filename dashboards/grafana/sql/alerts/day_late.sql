-- Airflow says it first, where its DAG `watch` runs and can send: what people know already is not said again.
select
    newest_day::text as newest_day,
    days_behind as trouble
from ops.newest_day
where
    days_behind > 0
    and '${TIMELAPSE_FACTOR}'::numeric = 0
    and '${DAY_DUE_AT}' <> 'off'
    and (days_behind > 1 or (now() at time zone 'UTC')::time::text >= '${DAY_DUE_AT}')
    and not exists (
        select
        from ops.open_alert
        where
            said_at is not null
            and load_days > 0
    )
