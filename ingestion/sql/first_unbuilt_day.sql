-- The first of these days that is not in the marts as it was published last, if any.
select min(day.load_date)::date
from generate_series({{ first }}::date, {{ last }}::date, interval '1 day') as day (load_date)
left join ops.load_day as load_day
    on day.load_date = load_day.load_date
where (load_day.built_version = load_day.version) is not true
