select
    activity_date::timestamptz as "time",
    stickiness::float8 as stickiness
from reporting.engagement_daily
where $__timeFilter(activity_date)
order by activity_date
