-- The newest load days: their newest attempt, what its audit found, and how far the day has come.
with attempts as (
    select distinct on (load.load_date) load.*
    from ops.load
    order by load.load_date desc, load.load_id desc
    limit {{ newest }}
),

outcomes as (
    select
        result.load_id,
        count(*) as checks,
        count(*) filter (where not result.success and result.severity = 'critical') as failures,
        count(*) filter (where not result.success and result.severity = 'warning') as warnings
    from ops.validation_result as result
    where result.load_id is not null
    group by result.load_id
)

select
    attempts.load_date,
    attempts.load_id,
    attempts.status,
    day_status.status as state,
    day_status.version,
    attempts.lines_read,
    attempts.loaded,
    attempts.duplicates,
    attempts.quarantined,
    attempts.skipped,
    attempts.lines_read = attempts.loaded + attempts.duplicates + attempts.quarantined + attempts.skipped as adds_up,
    attempts.started_at,
    attempts.published_at,
    day_status.built_at,
    before.loaded as loaded_the_day_before,
    week.loaded as loaded_a_week_before,
    coalesce(outcomes.checks, 0) as checks,
    coalesce(outcomes.failures, 0) as failures,
    coalesce(outcomes.warnings, 0) as warnings
from attempts
left join outcomes on attempts.load_id = outcomes.load_id
left join ops.day_status on attempts.load_date = day_status.load_date
left join ops.day_status as before on attempts.load_date = before.load_date + 1
left join ops.day_status as week on attempts.load_date = week.load_date + 7
order by attempts.load_date desc
