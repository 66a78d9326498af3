-- The days up to the last that is due which are not in the marts: of 31 days, and from the first published day on.
-- Those that a known failure keeps from the marts are left out, and those that a run has been at for less than three
-- hours: a first backfill of last month is not late.
select day.load_date::date
from generate_series({{ last }}::date - 30, {{ last }}::date, '1 day') as day (load_date)
where
    day.load_date >= (select min(load_day.load_date) from ops.load_day)
    and not exists (
        select
        from ops.day_status
        where
            day_status.load_date = day.load_date
            and day_status.is_built
    )
    and not exists (
        select
        from ops.alert
        where
            alert.recovered_at is null
            and alert.cause <> {{ cause }}
            and day.load_date = any(alert.load_dates)
    )
    and not exists (
        select
        from ops.run
        where
            run.status = 'running'
            and run.started_at > {{ now }}::timestamptz - interval '3 hours'
            and day.load_date between run.first_load_date and run.last_load_date
    )
order by day.load_date;
