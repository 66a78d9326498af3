-- One row per month with weeks of which it is known who left: how well the churn score tells them from the others.
with scores as (
    select
        {{ month_of('churn.week_end') }} as month_start,
        churn.score,
        sum(churn.people_returned) as stayed,
        sum(churn.people - churn.people_returned) as churned
    from {{ ref('mart_churn') }} as churn
    where churn.week_end + 28 <= (select max(dates.event_date) from {{ ref('active_dates') }} as dates)
    group by {{ month_of('churn.week_end') }}, churn.score
),

-- Each who left, against all who stayed and had a lower score; those with the same count half.
ranked as (
    select
        month_start,
        stayed,
        churned,
        sum(stayed) over (partition by month_start order by score) - stayed / 2 as stayed_below
    from scores
)

select
    month_start,
    sum(stayed + churned)::bigint as people_weeks,
    sum(churned)::bigint as churned_people_weeks,
    round(sum(churned) / sum(stayed + churned), 4) as churn_rate,
    round(sum(churned * stayed_below) / nullif(sum(churned) * sum(stayed), 0), 4) as auc
from ranked
group by month_start
