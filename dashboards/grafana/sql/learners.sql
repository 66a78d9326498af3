select
    activity_date::timestamptz as "time",
    daily_active_learners as learners,
    content_completions as "completed content",
    sessions
from reporting.engagement_daily
where $__timeFilter(activity_date)
order by activity_date
