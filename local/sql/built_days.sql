-- Those of the days that are in the marts as they were published last.
select load_day.load_date
from ops.load_day
where
    load_day.load_date = any(%(days)s::date[])
    and load_day.built_version = load_day.version
