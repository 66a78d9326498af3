insert into ops.run (run_id, dag_id, run_type, first_load_date, last_load_date, started_at, status)
values (
    {{ run_id }}, {{ dag_id }}, {{ run_type }}, {{ first_load_date }}, {{ last_load_date }}, {{ started_at }}, 'running'
)
on conflict (run_id) do update
    set
        started_at = excluded.started_at,
        finished_at = null,
        status = 'running'
