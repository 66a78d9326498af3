-- The first of these days that is not in the marts as it was published last, if any.
select min(day.load_date)::date
from generate_series({{ first }}::date, {{ last }}::date, interval '1 day') as day (load_date)
left join ops.day_status as day_status
    on day.load_date = day_status.load_date
where day_status.is_built is not true
