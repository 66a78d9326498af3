select
    currency,
    month_start::text as month,
    mrr,
    active_subscribers as subscribers,
    payments,
    revenue,
    subscribers_without_amount as "without an amount"
from reporting.mrr
where
    slice = 'original'
    and month_start > $__timeFrom()::timestamptz - interval '1 month'
    and month_start <= $__timeTo()::timestamptz
order by month_start desc, mrr desc, currency
limit 200
