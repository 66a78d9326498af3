select
    started_at,
    run_type,
    status,
    first_load_date,
    last_load_date,
    load_days,
    seconds,
    dag_id as dag,
    run_id as run
from ops.run_duration
where $__timeFilter(started_at)
order by started_at desc
limit 200
