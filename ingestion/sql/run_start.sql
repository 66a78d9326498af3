insert into ops.run (run_id, dag_id, run_type, first_load_date, last_load_date, started_at, status)
values (
    {{ run_id }},
    {{ dag_id }},
    {{ run_type }},
    coalesce({{ first_load_date }}, (select min(load_day.load_date) from ops.load_day), {{ started_at }}::date),
    coalesce({{ last_load_date }}, (select max(load_day.load_date) from ops.load_day), {{ started_at }}::date),
    {{ started_at }},
    'running'
)
on conflict (run_id) do update
    set
        started_at = excluded.started_at,
        finished_at = null,
        status = 'running'
