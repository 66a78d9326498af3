select
    segment,
    dau as "newest day",
    wau as "7 days",
    mau as "30 days",
    stickiness,
    share_of_dau as "share of the day",
    share_of_mau as "share of 30 days"
from reporting.engagement_by_segment
where
    activity_date = (
        select max(newest.activity_date)
        from reporting.engagement_by_segment as newest
        where $__timeFilter(newest.activity_date)
    )
order by mau desc, segment
