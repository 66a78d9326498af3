-- One row: what the present build works on. Runs before everything else, which asks macros/build_state.sql for it.
--
-- Without a running build in ops.build there is nothing to do but for --full-refresh, which takes every published day.
{{ config(pre_hook="{{ plan_rebuilds() }}") }}
with running as (
    select build_id
    from {{ source('ops', 'build') }}
    where status = 'running'
),

days as (
    select
        load_day.load_date,
        coalesce(load_day.claimed_by = running.build_id, false) as is_claimed,
        load_day.built_version is not null as is_built,
        running.build_id is not null as is_running
    from {{ source('ops', 'load_day') }} as load_day
    left join running on true
)

select
    coalesce(
        (select running.build_id from running),
        (select coalesce(max(build.build_id), 0) + 1 from {{ source('ops', 'build') }} as build)
    ) as build_id,
    array(
        select days.load_date
        from days
        where days.is_claimed
        order by days.load_date
    ) as load_dates,
    array(
        select days.load_date
        from days
        where days.is_claimed or days.is_built or ({{ flags.FULL_REFRESH | lower }} and not days.is_running)
        order by days.load_date
    ) as all_dates
