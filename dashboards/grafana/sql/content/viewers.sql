select
    activity_date::timestamptz as "time",
    viewers,
    heavy_viewers as "heavy viewers",
    content_views as views,
    content_starts as starts,
    sessions_per_viewer as "sessions per viewer",
    session_minutes_per_viewer as "minutes per viewer"
from reporting.viewers_daily
where $__timeFilter(activity_date)
order by activity_date
