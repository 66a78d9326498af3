select
    week_end::timestamptz as "time",
    'from ' || to_char(score_from, '0.0') as metric,
    people
from reporting.churn_scores
where $__timeFilter(week_end)
order by week_end, score_from
