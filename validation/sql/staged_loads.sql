-- The newest staged load of each of some days.
select distinct on (load_date)
    load_id,
    load_date,
    due_sources
from ops.load
where
    load_date in ({{ load_dates }})
    and status = 'staged'
order by load_date, load_id desc
