select
    activity_date::timestamptz as "time",
    country as metric,
    listen_through as "listened through"
from reporting.listen_through
where
    $__timeFilter(activity_date)
    and ('(all)' in ($country) or country in ($country))
order by activity_date, country
