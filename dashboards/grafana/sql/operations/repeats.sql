select
    load_date::timestamptz as "time",
    repeated_events as "events that had arrived before"
from reporting.repeats_by_load_day
where $__timeFilter(load_date)
order by load_date
