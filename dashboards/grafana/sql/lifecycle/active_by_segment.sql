select
    activity_date::timestamptz as "time",
    segment as metric,
    dau
from reporting.engagement_by_segment
where
    $__timeFilter(activity_date)
order by activity_date, segment
