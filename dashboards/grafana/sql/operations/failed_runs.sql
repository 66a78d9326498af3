select
    started_at as started,
    run_type as type,
    first_load_date::text as "first day",
    last_load_date::text as "last day",
    dag_id as dag,
    run_id as run
from ops.failed_run
order by started_at desc
limit 100
