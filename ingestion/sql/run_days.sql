-- The load days of a run: what came in by the newest attempt, and which build has put them into the marts last.
select
    attempt.load_date,
    attempt.status,
    coalesce(day_status.is_built, false) as is_built,
    attempt.lines_read,
    attempt.loaded,
    attempt.duplicates,
    attempt.quarantined,
    attempt.skipped,
    (
        select count(*) from ops.validation_result as result
        where
            result.load_id = attempt.load_id
            and not result.success
            and result.severity = 'warning'
    ) as warnings,
    build.build_id,
    build.holder
from ops.run
inner join lateral (
    select distinct on (load.load_date) load.*
    from ops.load
    where load.load_date between run.first_load_date and run.last_load_date
    order by load.load_date asc, load.load_id desc
) as attempt on true
left join ops.day_status on attempt.load_date = day_status.load_date
left join lateral (
    select
        finished.build_id,
        finished.holder
    from ops.build as finished
    where
        finished.status = 'succeeded'
        and attempt.load_date = any(finished.load_dates)
    order by finished.build_id desc
    limit 1
) as build on true
where run.run_id = {{ run_id }}
order by attempt.load_date
