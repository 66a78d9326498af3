select
    month_start::timestamptz as "time",
    mrr as "monthly recurring revenue"
from reporting.mrr
where
    slice = 'reporting'
    and month_start > $__timeFrom()::timestamptz - interval '1 month'
    and month_start <= $__timeTo()::timestamptz
order by month_start
