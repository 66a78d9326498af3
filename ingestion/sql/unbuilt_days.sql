-- Of the days asked for: those that are not published, and those that are not in the marts as published.
select
    array_agg(asked.load_date order by asked.load_date) filter (where load_day.load_date is null) as unpublished,
    array_agg(asked.load_date order by asked.load_date) filter (
        where load_day.built_version is distinct from load_day.version
    ) as unbuilt
from unnest({{ load_dates }}::date[]) as asked (load_date)
left join ops.load_day as load_day
    on asked.load_date = load_day.load_date
