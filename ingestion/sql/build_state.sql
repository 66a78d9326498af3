-- The published days that are not in the marts, and the build that runs now, if any.
with unbuilt as (
    select coalesce(array_agg(load_date order by load_date), array[]::date[]) as load_dates
    from ops.day_status
    where not is_built
)

select
    unbuilt.load_dates as unbuilt,
    running.build_id,
    running.holder,
    running.load_dates
from unbuilt
left join ops.build as running
    on running.status = 'running'
