select
    source,
    error_code,
    count(*) as lines,
    count(distinct path) as files,
    min(load_date) as first_day,
    max(load_date) as last_day
from ops.quarantine
where
    ({{ first }}::date is null or load_date >= {{ first }}::date)
    and ({{ last }}::date is null or load_date <= {{ last }}::date)
    and ({{ source }}::text is null or source = {{ source }}::text)
    and ({{ error_code }}::text is null or error_code = {{ error_code }}::text)
group by source, error_code
order by lines desc, source asc, error_code asc
