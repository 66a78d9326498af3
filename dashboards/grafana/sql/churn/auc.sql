select
    month_start::timestamptz as "time",
    auc as "area under the curve",
    churn_rate as "left"
from reporting.churn_auc
where
    month_start > $__timeFrom()::timestamptz - interval '1 month'
    and month_start <= $__timeTo()::timestamptz
order by month_start
