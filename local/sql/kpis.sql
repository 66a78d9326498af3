-- What an analyst reads of the last days. The columns are named as a person reads them.
select
    activity_date as "day",
    dau as "DAU",
    wau as "WAU",
    mau as "MAU",
    round(100 * stickiness, 1) as "DAU/MAU %%",
    daily_active_learners as "learners",
    content_completions as "completions",
    sessions,
    dach_active_users_30d as "DACH 30d"
from reporting.engagement_daily
order by activity_date desc
limit %(days)s
