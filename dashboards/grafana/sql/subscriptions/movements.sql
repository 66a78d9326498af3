select
    month_start::timestamptz as "time",
    new_mrr as new,
    reactivation_mrr as reactivation,
    expansion_mrr as expansion,
    - contraction_mrr as contraction,
    - churned_mrr as churn
from reporting.mrr
where
    slice = 'reporting'
    and month_start > $__timeFrom()::timestamptz - interval '1 month'
    and month_start <= $__timeTo()::timestamptz
order by month_start
