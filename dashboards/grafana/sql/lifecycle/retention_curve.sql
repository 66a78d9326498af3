select
    period_number::float8 as "periods since",
    sum(people) / sum(cohort_people) as "in that period",
    sum(people_on_or_after) / sum(cohort_people) as "in it or later"
from reporting.retention
where
    period = '$period'
    and period_number between 1 and 30
    and people is not null
    and cohort_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and cohort_start <= $__timeTo()::timestamptz
group by period_number
order by period_number
