select
    load_date,
    source,
    path,
    target,
    lines_read,
    loaded,
    duplicates,
    quarantined,
    skipped,
    quarantined_share::float8 as quarantined_share,
    bytes
from ops.file_volume
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
order by load_date desc, path
limit 1000
