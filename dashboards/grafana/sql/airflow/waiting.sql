select
    date_trunc('day', start_date) as "time",
    max(extract(epoch from start_date - queued_dttm)) as "longest",
    avg(extract(epoch from start_date - queued_dttm)) as "on average"
from public.task_instance
where
    start_date >= queued_dttm
    and $__timeFilter(start_date)
group by 1
order by 1
