select
    load_date::timestamptz as "time",
    sum(loaded) as loaded,
    sum(duplicates) as duplicates,
    sum(quarantined) as quarantined,
    sum(skipped) as skipped
from ops.file_volume
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
group by load_date
order by load_date
