-- Roles and schemas. Run by a superuser, in the warehouse database; passwords are set by `python -m ingestion ddl`.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['owner', 'loader', 'transformer', 'reader'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login', role_name);
        end if;
        execute format('alter role %I set timezone = ''UTC''', role_name);
        execute format('grant connect on database %I to %I', current_database(), role_name);
    end loop;
    execute format('revoke all on database %I from public', current_database());
    execute format('grant temporary on database %I to loader, transformer', current_database());
    execute format('grant create on database %I to transformer', current_database());
end
$$;

revoke all on schema public from public;

-- The owner hands the raw tables to the loader, who attaches and drops their partitions, and sees all that dbt makes.
grant loader to owner;
grant transformer to owner;

create schema if not exists raw authorization loader;
create schema if not exists ops authorization owner;
create schema if not exists stats authorization owner; -- functions only
grant usage on schema raw to transformer;
grant create, usage on schema raw to owner;
grant usage on schema ops to loader, transformer, reader;

-- dbt owns what is in its schemas. They are made here so that the grants stand before the first build.
do $$
declare
    schema_name text;
begin
    foreach schema_name in array array['staging', 'work', 'intake', 'core', 'restricted', 'summaries', 'marts', 'reporting'] loop
        execute format('create schema if not exists %I authorization transformer', schema_name);
    end loop;
end
$$;
grant usage on schema reporting to reader;
alter default privileges for role transformer in schema reporting grant select on tables to reader;

-- The audit of what analysts read, and the row counts of every layer, are taken by the loader.
grant usage on schema core, summaries, marts, reporting to loader;
alter default privileges for role transformer in schema core grant select on tables to loader;
alter default privileges for role transformer in schema summaries grant select on tables to loader;
alter default privileges for role transformer in schema marts grant select on tables to loader;
alter default privileges for role transformer in schema reporting grant select on tables to loader;
