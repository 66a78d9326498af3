select
    cohort_month::text as cohort,
    max(cohort_subscribers) as subscribers,
    max(survival) filter (where months_since = 1) as "1",
    max(survival) filter (where months_since = 2) as "2",
    max(survival) filter (where months_since = 3) as "3",
    max(survival) filter (where months_since = 4) as "4",
    max(survival) filter (where months_since = 5) as "5",
    max(survival) filter (where months_since = 6) as "6",
    max(survival) filter (where months_since = 9) as "9",
    max(survival) filter (where months_since = 12) as "12"
from reporting.subscription_cohorts
where
    is_complete
    and cohort_month > $__timeFrom()::timestamptz - interval '1 month'
    and cohort_month <= $__timeTo()::timestamptz
group by cohort_month
order by cohort_month desc
