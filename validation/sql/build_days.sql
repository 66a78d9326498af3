-- The load days of a build, without those that were published again since it claimed them.
select
    coalesce(
        array_agg(load_day.load_date order by load_day.load_date) filter (where load_day.load_date is not null), '{}'
    ) as load_dates
from ops.build
left join ops.load_day
    on
        load_day.load_date = any(build.load_dates)
        and load_day.version = coalesce(load_day.claimed_version, load_day.built_version)
where build.build_id = {{ build_id }}
group by build.build_id
