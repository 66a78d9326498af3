select
    week_end::timestamptz as "time",
    sum(people_churned) / sum(people) as "left in the 28 days after"
from reporting.churn_scores
where
    people_churned is not null
    and $__timeFilter(week_end)
group by week_end
order by week_end
