select
    week_end::timestamptz as "time",
    sum(mean_quiet * people) / sum(people) as quiet,
    sum(mean_rare * people) / sum(people) as rare,
    sum(mean_falling_frequency * people) / sum(people) as "fewer days",
    sum(mean_falling_completion * people) / sum(people) as "completes less",
    sum(mean_falling_breadth * people) / sum(people) as "fewer features"
from reporting.churn_scores
where $__timeFilter(week_end)
group by week_end
order by week_end
