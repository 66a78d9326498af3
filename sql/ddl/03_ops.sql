-- State and history of the runs. Run by the owner.

-- One row per attempt to load a day.
create table if not exists ops.load (
    load_id bigint generated always as identity primary key,
    load_date date not null,
    run_id text,                        -- Airflow's, where it was Airflow
    status text not null check (status in ('staging', 'staged', 'rejected', 'published', 'superseded', 'failed')),
    landing text not null,              -- the URI it was read from
    contracts_sha256 text not null,     -- of all that decides what becomes of a line: contracts as read, and code
    empty_sources text[] not null default '{}',  -- said by `_EMPTY` that they had nothing: no events are expected
    due_sources text[] not null default '{}',    -- owe events this day, and did not say that they had nothing
    lines_read bigint,
    loaded bigint,
    duplicates bigint,
    quarantined bigint,
    bytes_read bigint,                  -- as they lie on disk, compressed where they are
    started_at timestamptz not null default now(),
    staged_at timestamptz,
    published_at timestamptz
);
alter table ops.load
add column if not exists due_sources text[] not null default '{}',
add column if not exists skipped bigint not null default 0,      -- left out on purpose, as the contract says
drop constraint if exists load_check,
drop constraint if exists lines_add_up,
add constraint lines_add_up check (lines_read = loaded + duplicates + quarantined + skipped);
create index if not exists load_load_date on ops.load (load_date);

-- One row per file of an attempt: no line is ever lost.
create table if not exists ops.file_load (
    load_id bigint not null references ops.load on delete cascade,
    load_date date not null,
    source text not null,
    path text not null,                 -- below the landing area
    file_no integer not null,
    target text not null,               -- the raw table
    sha256 text not null,               -- of the file as it lies there
    bytes bigint not null,
    lines_read bigint not null,
    loaded bigint not null,
    duplicates bigint not null,
    quarantined bigint not null,
    primary key (load_id, path)
);
alter table ops.file_load
add column if not exists skipped bigint not null default 0,
drop constraint if exists file_load_check,
drop constraint if exists lines_add_up,
add constraint lines_add_up check (lines_read = loaded + duplicates + quarantined + skipped),
add column if not exists kind text,                     -- of file, as its contract calls it
add column if not exists extract_of text,               -- the kind of file, where that is a full extract
add column if not exists extracted_at timestamptz;      -- the moment of which that tells
create index if not exists file_load_load_date on ops.file_load (load_date);
create index if not exists file_load_extract on ops.file_load (load_id) where extract_of is not null;

-- One row per file of an attempt and kind that is derived from its lines (`from` in the contract). The lines themselves
-- are counted once, in ops.file_load; here are those that could be read.
create table if not exists ops.derived_load (
    load_id bigint not null references ops.load on delete cascade,
    load_date date not null,
    source text not null,
    path text not null,
    kind text not null,
    target text not null,               -- the raw table
    lines_read bigint not null,
    loaded bigint not null,
    duplicates bigint not null,
    unchanged bigint not null,          -- between two rows of the day that say the same of the thing
    quarantined bigint not null,
    skipped bigint not null,
    primary key (load_id, path, kind),
    constraint lines_add_up check (lines_read = loaded + duplicates + unchanged + quarantined + skipped)
);
create index if not exists derived_load_load_date on ops.derived_load (load_date);

-- Lines that were held back, as they were. Kept for the newest attempt of each day.
create table if not exists ops.quarantine (
    load_id bigint not null references ops.load on delete cascade,
    load_date date not null,
    source text not null,
    path text not null,
    line_no integer not null,           -- 1-based, as an editor counts them
    stage text not null,                -- read, parse, map, rule
    error_code text not null,
    error_detail text not null,         -- what a person needs to know to mend the line
    raw bytea not null
);
alter table ops.quarantine
add column if not exists derived_kind text not null default '';  -- that was to be derived; '': the line itself
do $$
begin
    if not exists (select from pg_constraint where conname = 'quarantine_line' and connamespace = 'ops'::regnamespace)
    then
        alter table ops.quarantine
        drop constraint if exists quarantine_pkey,
        add constraint quarantine_line primary key (load_id, path, line_no, derived_kind);
    end if;
end
$$;
create index if not exists quarantine_load_date on ops.quarantine (load_date, error_code);

-- One row per load, kind of file and field: what a look at some of the records saw. Kept like the quarantine.
create table if not exists ops.field_day (
    load_id bigint not null references ops.load on delete cascade,
    load_date date not null,
    source text not null,
    kind text not null,                 -- of file, as its contract calls it
    field text not null,                -- the producer's name
    is_mapped boolean not null,         -- the contract names it
    looked_at integer not null,         -- records of the kind
    seen integer not null,              -- of these, so many had a value in the field
    type text,                          -- of most of these values
    primary key (load_id, source, kind, field)
);
create index if not exists field_day_field on ops.field_day (source, kind, field, load_date);
create index if not exists field_day_load_date on ops.field_day (load_date);

-- One row per build: one pass of dbt over one or more load days. At most one runs at a time.
create table if not exists ops.build (
    build_id bigint generated always as identity primary key,
    holder text not null,               -- who runs it: Airflow's run_id, or a name
    status text not null check (status in ('running', 'succeeded', 'failed')),
    load_dates date[] not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    is_full boolean not null default false  -- asked for: everything is computed anew, whatever the load days are
);
alter table ops.build add column if not exists is_full boolean not null default false;
create unique index if not exists build_one_running on ops.build ((true)) where status = 'running';

-- One row per load day: what is published, what is claimed, what is in the marts.
create table if not exists ops.load_day (
    load_date date primary key,
    load_id bigint not null references ops.load,
    version integer not null,           -- counts the day's publications
    published_at timestamptz not null,
    claimed_by bigint references ops.build,
    claimed_version integer,
    built_version integer,              -- equal to `version` when the day as published is in the marts
    built_at timestamptz
);

-- One row per expectation and checkpoint run.
create table if not exists ops.validation_result (
    checked_at timestamptz not null default now(),
    load_id bigint references ops.load on delete cascade,  -- of a raw audit
    build_id bigint references ops.build,                  -- of an audit of the marts
    load_date date,
    suite text not null,
    expectation text not null,
    column_name text,
    severity text not null check (severity in ('critical', 'warning')),
    success boolean not null,
    element_count bigint,
    unexpected_count bigint,
    observed text,
    message text not null               -- one sentence for a person
);
create index if not exists validation_result_load_date on ops.validation_result (load_date);
create index if not exists validation_result_load on ops.validation_result (load_id);
create index if not exists validation_result_build on ops.validation_result (build_id);
create index if not exists validation_result_failed on ops.validation_result (checked_at) where not success;

-- The whole result of one suite, as Great Expectations gives it: Data Docs are built from the newest.
create table if not exists ops.validation_document (
    checked_at timestamptz not null default now(),
    load_id bigint references ops.load on delete cascade,
    build_id bigint references ops.build,
    load_date date,
    suite text not null,
    document text not null,             -- JSON
    load_dates date[]                   -- all that were judged together; `load_date` is the first
);
alter table ops.validation_document add column if not exists load_dates date[];
do $$
begin
    if exists (
        select from information_schema.columns
        where (table_schema, table_name, column_name) = ('ops', 'validation_document', 'last_load_date')
    )
    then
        update ops.validation_document
        set load_dates = array(
            select day::date from generate_series(load_date, coalesce(last_load_date, load_date), '1 day') as day
        )
        where load_date is not null;
        alter table ops.validation_document drop column last_load_date;
    end if;
end
$$;
create index if not exists validation_document_checked_at on ops.validation_document (checked_at);

-- One row per dbt node and invocation, written by dbt's on-run-end hook.
create table if not exists ops.model_run (
    finished_at timestamptz not null default now(),
    build_id bigint,
    invocation_id text not null,
    node_id text not null,
    resource_type text not null,
    schema_name text,
    name text not null,
    status text not null,
    seconds numeric(10, 3) not null,
    rows_affected bigint,
    message text
);
create index if not exists model_run_finished_at on ops.model_run (finished_at);

-- One row per model of dbt's: its definition as the project has it now, and the one that its table was built by. A
-- definition is a hash of all that decides what the table means (dbt/macros/definitions.sql); `parts` has one for each.
create table if not exists ops.model_definition (
    model text primary key,
    relation text not null,
    definition text not null,
    parts jsonb not null,
    built_definition text,              -- null: the next build computes the table anew
    built_parts jsonb,
    built_at timestamptz default clock_timestamp(),
    build_id bigint,                    -- the build that computed the whole table last, where it was one
    stale_because text                  -- why it is to be computed anew, where no part of the definition tells
);

-- Rows and bytes of every table of the warehouse after a build. Rows are PostgreSQL's own running estimate.
create table if not exists ops.table_size (
    build_id bigint not null references ops.build,
    schema_name text not null,
    table_name text not null,
    estimated_rows bigint not null,
    bytes bigint not null,
    primary key (build_id, schema_name, table_name)
);

-- One row per run of the DAG.
create table if not exists ops.run (
    run_id text primary key,
    dag_id text not null,
    run_type text not null,             -- scheduled, backfill, manual
    first_load_date date not null,
    last_load_date date not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    status text not null check (status in ('running', 'succeeded', 'failed'))
);

-- One row per thing that went wrong and that people were told of: one message for each, and one when it is overcome.
create table if not exists ops.alert (
    alert_id bigint generated always as identity primary key,
    cause text not null,                -- what is the same in all that one message speaks of
    title text not null,
    body text not null,
    -- the days that it keeps from the marts
    load_dates date[] not null default '{}',
    times integer not null default 1,   -- how often it was seen
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    tried_at timestamptz,               -- when somebody began to send the message
    said_at timestamptz,                -- null: nobody was told
    recovered_at timestamptz
);
create unique index if not exists alert_open on ops.alert (cause) where recovered_at is null;

grant select, insert, update, delete on all tables in schema ops to loader;
grant select on all tables in schema ops to transformer, reader;
grant insert on ops.model_run to transformer;
grant insert, update, delete on ops.model_definition to transformer;

-- Quarantined lines may hold personal data: the reader sees where and why, not the line.
revoke select on ops.quarantine from reader;
grant select (load_id, load_date, source, path, line_no, stage, error_code, error_detail, derived_kind)
on ops.quarantine to reader;
