select
    source,
    last_date::text as last_date,
    longest_gap::text as longest_gap,
    days_silent as trouble
from ops.source_freshness
where is_overdue
order by source
