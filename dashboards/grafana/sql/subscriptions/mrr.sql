select
    month_start::timestamptz as "time",
    mrr,
    active_subscribers as subscribers,
    churn_rate as churn,
    net_revenue_retention as "net revenue retention",
    gross_revenue_retention as "gross revenue retention",
    renewal_rate as renewals,
    revenue
from reporting.mrr
where
    slice = 'reporting'
    and month_start > $__timeFrom()::timestamptz - interval '1 month'
    and month_start <= $__timeTo()::timestamptz
order by month_start
