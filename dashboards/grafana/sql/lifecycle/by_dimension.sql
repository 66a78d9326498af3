-- Each of the three columns is of those cohorts of which it is known.
select
    breakdown,
    sum(cohort_people) filter (where period_number = 0) as "people",
    sum(people) filter (where period_number = 1)
    / nullif(sum(cohort_people) filter (where period_number = 1 and people is not null), 0) as "the next",
    sum(people) filter (where period_number = 2)
    / nullif(sum(cohort_people) filter (where period_number = 2 and people is not null), 0) as "the one after",
    sum(people_on_or_after) filter (where period_number = 1)
    / nullif(sum(cohort_people) filter (where period_number = 1 and people_on_or_after is not null), 0) as "ever again"
from reporting.retention_by_dimension
where
    period = '$period'
    and dimension = '$breakdown'
    and period_number in (0, 1, 2)
    and cohort_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and cohort_start <= $__timeTo()::timestamptz
group by breakdown
order by "people" desc, breakdown
