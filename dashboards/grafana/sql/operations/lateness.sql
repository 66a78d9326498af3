select
    source,
    days_late as "days late",
    sum(events) as events,
    sum(events) / sum(sum(events)) over (partition by source) as share
from reporting.lateness_by_load_day
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
group by source, days_late
order by source, days_late
limit 100
