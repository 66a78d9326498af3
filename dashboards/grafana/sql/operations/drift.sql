select
    load_date::text as day,
    source,
    kind,
    field,
    drift,
    detail
from ops.field_drift
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
order by load_date desc, source, kind, field
limit 200
