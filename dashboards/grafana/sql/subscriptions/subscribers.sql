select
    month_start::timestamptz as "time",
    new_subscribers as new,
    reactivated_subscribers as reactivated,
    - churned_subscribers as churned
from reporting.mrr
where
    slice = 'reporting'
    and month_start > $__timeFrom()::timestamptz - interval '1 month'
    and month_start <= $__timeTo()::timestamptz
order by month_start
