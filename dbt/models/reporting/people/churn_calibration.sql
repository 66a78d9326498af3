-- One row per month and band of the churn score, of the weeks of which it is known who left: how many of them did.
select
    {{ month_of('week_end') }} as month_start,
    score_from,
    sum(people)::bigint as people_weeks,
    sum(people_churned)::bigint as churned_people_weeks,
    round(sum(mean_score * people) / sum(people), 4) as mean_score,
    round(sum(people_churned) / sum(people), 4) as churn_rate
from ({{ churn_bands(ref('mart_churn')) }}) as bands
where people_churned is not null
group by {{ month_of('week_end') }}, score_from
