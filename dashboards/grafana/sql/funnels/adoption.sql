select
    activity_date::timestamptz as "time",
    feature as metric,
    adoption
from reporting.feature_adoption
where $__timeFilter(activity_date)
order by activity_date, feature
