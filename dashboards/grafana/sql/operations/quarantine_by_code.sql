select
    load_date::timestamptz as "time",
    error_code as metric,
    sum(lines) as lines
from ops.quarantine_volume
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
group by load_date, error_code
order by load_date, error_code
