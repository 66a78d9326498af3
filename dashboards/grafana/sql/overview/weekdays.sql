select
    day_name as weekday,
    avg(dau) as "active people",
    avg(daily_active_learners) as learners
from reporting.engagement_daily
where $__timeFilter(activity_date)
group by day_name, extract(isodow from activity_date)
order by extract(isodow from activity_date)
