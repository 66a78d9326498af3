select
    cohort_month::text as cohort,
    cohort_subscribers as subscribers,
    cumulative_revenue as "revenue so far",
    lifetime_value as "per subscriber",
    monthly_survival as "monthly survival",
    projected_lifetime_value as "projected per subscriber"
from reporting.subscription_cohorts
where
    month_start = (
        select max(newest.month_start)
        from reporting.subscription_cohorts as newest
        where newest.month_start <= $__timeTo()::timestamptz
    )
    and cohort_month > $__timeFrom()::timestamptz - interval '1 month'
order by cohort_month desc
