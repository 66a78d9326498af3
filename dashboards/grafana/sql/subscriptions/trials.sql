select
    cohort_month::timestamptz as "time",
    trials,
    converted,
    conversion_rate as "conversion",
    mean_days_to_convert as "days to convert"
from reporting.trial_conversion
where
    cohort_month > $__timeFrom()::timestamptz - interval '1 month'
    and cohort_month <= $__timeTo()::timestamptz
order by cohort_month
