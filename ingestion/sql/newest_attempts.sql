-- What became of the newest attempt to load each day.
select distinct on (load_date)
    load_date,
    status
from ops.load
where
    ({{ first }}::date is null or load_date >= {{ first }}::date)
    and ({{ last }}::date is null or load_date <= {{ last }}::date)
order by load_date asc, load_id desc
