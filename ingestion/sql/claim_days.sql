with build as (
    insert into ops.build (holder, status, load_dates, is_full)
    select
        {{ holder }} as holder,
        'running' as status,
        array_agg(load_date order by load_date) as load_dates,
        {{ rebuild }} as is_full
    from ops.day_status
    where
        {{ rebuild }}
        or not is_built
    returning build_id, holder, load_dates
),

claimed as (
    update ops.load_day
    set
        claimed_by = build.build_id,
        claimed_version = load_day.version
    from build
    where load_day.load_date = any(build.load_dates)
)

select
    build_id,
    holder,
    load_dates
from build
