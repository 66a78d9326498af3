select
    month_start::text as month,
    thing,
    starters,
    reached_25_rate as "a quarter",
    reached_50_rate as "half",
    reached_75_rate as "three quarters",
    reached_100_rate as "all"
from reporting.content_progress
where
    kind in ('all', 'content_type')
    and month_start > $__timeFrom()::timestamptz - interval '1 month'
    and month_start <= $__timeTo()::timestamptz
order by month_start desc, kind, starters desc, thing
limit 100
