select
    period_start::timestamptz as "time",
    net_amount as "net sales"
from reporting.sales
where
    period = 'week'
    and slice = 'reporting'
    and period_start > $__timeFrom()::timestamptz - interval '1 week'
    and period_start <= $__timeTo()::timestamptz
order by period_start
