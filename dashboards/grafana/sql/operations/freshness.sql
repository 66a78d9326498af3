select
    source,
    last_date::text as "came last",
    days_silent as "days silent",
    longest_gap as "longest gap before",
    is_overdue as overdue
from ops.source_freshness
where '(all)' in ($landed) or source in ($landed)
order by is_overdue desc, days_silent desc, source
