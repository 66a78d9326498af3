-- In Airflow's own database: the DAG `watch` runs every 15 minutes.
select
    coalesce(to_char(max(end_date) at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), 'never') as since,
    1 as trouble
from public.dag_run
where
    dag_id = 'watch'
    and state = 'success'
having coalesce(max(end_date) < now() - interval '45 minutes', true)
