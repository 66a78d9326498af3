-- Why lines of these loads were held back.
select
    load_id,
    source,
    path,
    stage,
    error_code,
    count(*) as lines,
    min(line_no) as first_line_no
from ops.quarantine
where load_id = any({{ load_ids }})
group by load_id, source, path, stage, error_code
order by load_id, count(*) desc, path, error_code
