select
    week_end::timestamptz as "time",
    sum(people) filter (where score_from >= 0.5) as "score of 0.5 and more",
    sum(people) as "all who are scored",
    sum(people) filter (where score_from >= 0.5) / sum(people) as "share of 0.5 and more",
    sum(mean_score * people) / sum(people) as "mean score"
from reporting.churn_scores
where $__timeFilter(week_end)
group by week_end
order by week_end
