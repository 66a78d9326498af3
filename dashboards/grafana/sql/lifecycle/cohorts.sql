select
    cohort_start::text as cohort,
    max(cohort_people) as people,
    max(retention) filter (where period_number = 1) as "1",
    max(retention) filter (where period_number = 2) as "2",
    max(retention) filter (where period_number = 3) as "3",
    max(retention) filter (where period_number = 4) as "4",
    max(retention) filter (where period_number = 5) as "5",
    max(retention) filter (where period_number = 6) as "6",
    max(retention) filter (where period_number = 7) as "7",
    max(retention) filter (where period_number = 8) as "8",
    max(retention) filter (where period_number = 9) as "9",
    max(retention) filter (where period_number = 10) as "10",
    max(retention) filter (where period_number = 11) as "11",
    max(retention) filter (where period_number = 12) as "12"
from reporting.retention
where
    period = '$period'
    and period_number between 0 and 12
    and cohort_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and cohort_start <= $__timeTo()::timestamptz
group by cohort_start
order by cohort_start desc
limit 60
