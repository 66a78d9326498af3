-- The models of a build are tasks of their own: together they are one here.
select
    date_trunc('day', start_date) as "time",
    split_part(task_id, '.', 1) as metric,
    sum(duration) / count(distinct run_id) as seconds
from public.task_instance
where
    dag_id = 'engagement_daily'
    and state = 'success'
    and $__timeFilter(start_date)
group by 1, 2
order by 1, 2
