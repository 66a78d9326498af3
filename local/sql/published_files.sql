-- The files that the days, as they are published, were read from.
select file_load.path
from ops.load_day
inner join ops.file_load on load_day.load_id = file_load.load_id
where load_day.load_date = any(%(days)s::date[])
