-- Those of the days that are in the marts as they were published last.
select load_date
from ops.day_status
where
    load_date = any(%(days)s::date[])
    and is_built
