select
    path,
    line_no,
    stage,
    error_code,
    error_detail,
    substring(raw from 1 for 200) as beginning
from ops.quarantine
where
    load_date = {{ load_date }}
    and ({{ error_code }}::text is null or error_code = {{ error_code }}::text)
order by load_id desc, path asc, line_no asc
limit {{ limit }}
