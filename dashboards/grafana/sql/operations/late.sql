select
    load_date::timestamptz as "time",
    case
        when days_late <= 0 then 'the day itself'
        when days_late = 1 then '1 day'
        when days_late <= 7 then '2 to 7 days'
        else 'more'
    end as metric,
    sum(events) as events
from reporting.lateness_by_load_day
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
group by load_date, 2
order by load_date, 2
