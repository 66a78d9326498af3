-- Who reads Airflow's own tables for Grafana: the columns that its panels and rules use, and nothing else. Not views:
-- these would keep Airflow from changing a column when it is upgraded. Run in Airflow's database, after
-- `airflow db migrate`, by a superuser; `python -m dashboards.grafana.airflow_reader` runs it and sets the password.
do $$
begin
    if not exists (select from pg_roles where rolname = 'airflow_reader') then
        create role airflow_reader login;
    end if;
    execute format('grant connect on database %I to airflow_reader', current_database());
end
$$;
alter role airflow_reader set timezone = 'UTC';
alter role airflow_reader set default_transaction_read_only = on;
revoke all on all tables in schema public from airflow_reader;
grant usage on schema public to airflow_reader;
grant select (dag_id, run_id, state, end_date) on public.dag_run to airflow_reader;
grant select (dag_id, run_id, task_id, try_number, state, queued_dttm, start_date, end_date, duration)
on public.task_instance to airflow_reader;
