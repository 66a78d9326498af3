select
    load_date,
    source,
    path,
    stage,
    error_code,
    lines,
    first_line_no,
    example
from ops.quarantine_volume
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
order by load_date desc, lines desc
limit 500
