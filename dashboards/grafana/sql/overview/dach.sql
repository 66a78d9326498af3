select
    activity_date::timestamptz as "time",
    dach_active_users_30d as "active in 30 days, DACH",
    daily_active_learners as "learners on the day"
from reporting.engagement_daily
where $__timeFilter(activity_date)
order by activity_date
