-- How far the days are.
select
    count(*) as published,
    count(*) filter (where is_built) as built,
    coalesce(sum(loaded), 0)::bigint as loaded,
    coalesce(sum(quarantined), 0)::bigint as quarantined,
    coalesce(sum(skipped), 0)::bigint as skipped
from ops.day_status
where load_date = any(%(days)s::date[])
