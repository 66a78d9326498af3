select
    error_code,
    count(*) as lines
from ops.quarantine
where load_date = {{ load_date }}
group by error_code
order by lines desc, error_code asc
