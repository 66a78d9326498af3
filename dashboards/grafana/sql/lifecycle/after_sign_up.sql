-- Each of the three columns is of those cohorts of which it is known.
select
    breakdown,
    sum(cohort_people) filter (where period_number = 0) as "sign-ups",
    sum(people) filter (where period_number = 1)
    / nullif(sum(cohort_people) filter (where period_number = 1 and people is not null), 0) as "day 1",
    sum(people) filter (where period_number = 7)
    / nullif(sum(cohort_people) filter (where period_number = 7 and people is not null), 0) as "day 7",
    sum(people) filter (where period_number = 30)
    / nullif(sum(cohort_people) filter (where period_number = 30 and people is not null), 0) as "day 30"
from reporting.retention_after_sign_up
where
    period = 'day'
    and dimension = '$breakdown'
    and period_number in (0, 1, 7, 30)
    and $__timeFilter(cohort_start)
group by breakdown
order by "sign-ups" desc, breakdown
