select
    end_date as ended,
    dag_id as dag,
    task_id as task,
    try_number as "try",
    run_id as run
from public.task_instance
where
    state = 'failed'
    and $__timeFilter(end_date)
order by end_date desc
limit 100
