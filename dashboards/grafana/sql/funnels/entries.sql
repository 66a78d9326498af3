select
    to_event as event,
    sum(sessions) as sessions
from reporting.paths
where
    $__timeFilter(session_date)
    and from_event = '(entry)'
group by to_event
order by sessions desc, to_event
limit 10
