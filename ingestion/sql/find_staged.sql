-- Which of some days are staged.
select
    load_id,
    load_date
from ops.load
where
    load_date = any({{ load_dates }}::date[])
    and status = 'staged'
order by load_date
