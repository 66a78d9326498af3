-- The first lines of each source and error code.
select
    source,
    path,
    line_no,
    stage,
    error_code,
    error_detail,
    substring(raw from 1 for 200) as beginning
from (
    select
        *,
        row_number() over (
            partition by source, error_code order by load_date desc, load_id desc, path asc, line_no asc
        ) as place
    from ops.quarantine
    where
        ({{ first }}::date is null or load_date >= {{ first }}::date)
        and ({{ last }}::date is null or load_date <= {{ last }}::date)
        and ({{ source }}::text is null or source = {{ source }}::text)
        and ({{ error_code }}::text is null or error_code = {{ error_code }}::text)
) as held_back
where place <= {{ examples }}
order by source asc, error_code asc, place asc
