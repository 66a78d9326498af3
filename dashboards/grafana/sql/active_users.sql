select
    activity_date::timestamptz as "time",
    dau as "day",
    wau as "7 days",
    mau as "30 days",
    dach_active_users_30d as "30 days, DACH"
from reporting.engagement_daily
where $__timeFilter(activity_date)
order by activity_date
