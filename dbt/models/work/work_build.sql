-- One row: what the present build works on. Runs before everything else, which asks macros/build_state.sql for it.
--
-- A build is full, which means that it computes everything anew, when
--   - it was asked for (`make rebuild`, dbt's --full-refresh), or nothing has been built yet;
--   - a full build before it did not come to its end: some tables are new and some are old; only another mends that;
--   - its load days are at least four weeks and half of all there are: then it costs less. The result is the same.
-- Without a running build in ops.build, a full build takes every published day, and any other build has nothing to do.
{% set previous = built('work_build') -%}
with running as (
    select
        build_id,
        is_full
    from {{ source('ops', 'build') }}
    where status = 'running'
),

days as (
    select
        load_day.load_date,
        load_day.claimed_by is not null and load_day.claimed_by = running.build_id as is_claimed,
        load_day.built_version is not null as is_built,
        running.build_id is not null as is_running
    from {{ source('ops', 'load_day') }} as load_day
    left join running on true
),

sizes as (
    select
        count(*) filter (where is_claimed) as claimed,
        count(*) filter (where is_claimed or is_built) as claimed_or_built
    from days
),

state as (
    select
        coalesce(
            (select running.build_id from running),
            (select coalesce(max(build.build_id), 0) + 1 from {{ source('ops', 'build') }} as build)
        ) as build_id,
        {{ flags.FULL_REFRESH | lower }}
        or coalesce((select running.is_full from running), false)
        {%- for name in ['fact_user_events', 'work_repeats', 'work_change_log'] %}
        or {{ (built(name) is none) | lower }}
        {%- endfor %}
        {%- if previous is not none %}
        or exists (
            select
            from {{ previous }} as previous
            where
                previous.is_full
                and not previous.is_finished
                and previous.build_id > (
                    select coalesce(max(build.build_id), 0)
                    from {{ source('ops', 'build') }} as build
                    where build.status = 'succeeded'
                )
        )
        {%- endif %}
        or (sizes.claimed >= 28 and sizes.claimed * 2 >= sizes.claimed_or_built) as is_full
    from sizes
)

select
    state.build_id,
    state.is_full,
    array(
        select days.load_date
        from days
        where
            days.is_claimed
            or (state.is_full and (days.is_built or not days.is_running))
        order by days.load_date
    ) as load_dates,
    false as is_finished
from state
