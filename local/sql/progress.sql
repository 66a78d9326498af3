-- How far the days are.
select
    count(*) as published,
    count(*) filter (where load_day.built_version = load_day.version) as built,
    coalesce(sum(load.loaded), 0)::bigint as loaded,
    coalesce(sum(load.quarantined), 0)::bigint as quarantined
from ops.load_day
inner join ops.load on load_day.load_id = load.load_id
where load_day.load_date = any(%(days)s::date[])
