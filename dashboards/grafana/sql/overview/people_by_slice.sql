select
    activity_date::timestamptz as "time",
    value as metric,
    dau
from reporting.engagement_by_slice
where
    $__timeFilter(activity_date)
    and dimension = '$dimension'
    and dimension_2 is null
order by activity_date, value
