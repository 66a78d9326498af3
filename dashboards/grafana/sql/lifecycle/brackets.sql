-- Each column is of those cohorts of which it is known.
select
    breakdown,
    sum(cohort_people) filter (where first_number = 0) as "people",
    sum(people) filter (where first_number = 1)
    / nullif(sum(cohort_people) filter (where first_number = 1 and people is not null), 0) as "day 1",
    sum(people) filter (where first_number = 2)
    / nullif(sum(cohort_people) filter (where first_number = 2 and people is not null), 0) as "days 2 to 7",
    sum(people) filter (where first_number = 8)
    / nullif(sum(cohort_people) filter (where first_number = 8 and people is not null), 0) as "days 8 to 14",
    sum(people) filter (where first_number = 15)
    / nullif(sum(cohort_people) filter (where first_number = 15 and people is not null), 0) as "days 15 to 30"
from reporting.retention_brackets
where
    period = 'day'
    and dimension = '$breakdown'
    and $__timeFilter(cohort_start)
group by breakdown
order by "people" desc, breakdown
