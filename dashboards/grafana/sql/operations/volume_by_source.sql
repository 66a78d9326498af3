select
    load_date::timestamptz as "time",
    source as metric,
    loaded
from ops.source_day
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
order by load_date, source
