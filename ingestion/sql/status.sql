select
    load_date,
    version,
    status,
    lines_read,
    loaded,
    duplicates,
    quarantined,
    skipped
from ops.day_status
where
    ({{ first }}::date is null or load_date >= {{ first }}::date)
    and ({{ last }}::date is null or load_date <= {{ last }}::date)
order by load_date
