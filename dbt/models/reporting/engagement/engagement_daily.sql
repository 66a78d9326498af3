-- One row per date: `mart_engagement` with what a chart wants beside it.
select
    mart.activity_date,
    dates.day_name,
    dates.is_weekend,
    dates.week_start,
    dates.month_start,
    mart.dau,
    mart.wau,
    mart.mau,
    mart.stickiness,
    mart.daily_active_learners,
    mart.content_completions,
    mart.sessions,
    mart.dach_active_users_30d
from {{ ref('mart_engagement') }} as mart
inner join {{ ref('dim_date') }} as dates on mart.activity_date = dates.date_day
