select
    (sum(mean_score * people_weeks) / sum(people_weeks))::float8 as score,
    (sum(churned_people_weeks) / sum(people_weeks))::float8 as "left"
from reporting.churn_calibration
where
    month_start > $__timeFrom()::timestamptz - interval '1 month'
    and month_start <= $__timeTo()::timestamptz
group by score_from
order by score
