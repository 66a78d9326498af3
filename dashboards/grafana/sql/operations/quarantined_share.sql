select sum(quarantined)::float8 / nullif(sum(lines_read - skipped), 0) as quarantined_share
from ops.file_volume
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
