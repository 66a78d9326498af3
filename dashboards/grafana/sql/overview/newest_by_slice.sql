select
    value,
    dau as "day",
    wau as "7 days",
    mau as "30 days",
    stickiness,
    sessions_per_person as "sessions per person",
    engaged_seconds_per_person as "engaged time per person"
from reporting.engagement_by_slice
where
    dimension = '$dimension'
    and dimension_2 is null
    and activity_date = (
        select max(engagement_daily.activity_date)
        from reporting.engagement_daily
        where $__timeFilter(activity_date)
    )
order by mau desc, value
