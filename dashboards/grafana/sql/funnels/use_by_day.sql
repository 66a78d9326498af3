select
    session_date::timestamptz as "time",
    to_event as metric,
    sum(transitions) as times
from reporting.paths
where
    $__timeFilter(session_date)
    and to_event <> '(exit)'
group by session_date, to_event
order by session_date, to_event
