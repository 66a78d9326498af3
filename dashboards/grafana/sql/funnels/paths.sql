select
    from_event as "from",
    to_event as "to",
    sum(transitions) as transitions,
    sum(sessions) as sessions
from reporting.paths
where
    $__timeFilter(session_date)
    and from_event <> '(entry)'
    and to_event <> '(exit)'
group by from_event, to_event
order by transitions desc, from_event, to_event
limit 30
