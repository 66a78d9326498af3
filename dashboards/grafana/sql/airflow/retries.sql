select
    dag_id as dag,
    split_part(task_id, '.', 1) as task,
    count(*) as runs,
    sum(greatest(try_number - 1, 0)) as retries,
    count(*) filter (where state = 'failed') as failed
from public.task_instance
where $__timeFilter(start_date)
group by 1, 2
having sum(greatest(try_number - 1, 0)) > 0 or count(*) filter (where state = 'failed') > 0
order by failed desc, retries desc, 1, 2
limit 50
