-- One row per date and segment of people: `mart_engagement_by_segment`, with the shares of all.
select
    activity_date,
    segment,
    dau,
    wau,
    mau,
    stickiness,
    round(dau / nullif(sum(dau) over (partition by activity_date), 0), 4) as share_of_dau,
    round(mau / sum(mau) over (partition by activity_date), 4) as share_of_mau
from {{ ref('mart_engagement_by_segment') }}
