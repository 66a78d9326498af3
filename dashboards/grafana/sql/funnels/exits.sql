select
    from_event as event,
    sum(sessions) as sessions
from reporting.paths
where
    $__timeFilter(session_date)
    and to_event = '(exit)'
group by from_event
order by sessions desc, from_event
limit 10
