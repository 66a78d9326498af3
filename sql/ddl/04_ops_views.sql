-- What is read of `ops`: each panel of a dashboard selects from one view or table, without joins. Run by the owner.

drop view if exists ops.day_status;
drop view if exists ops.file_volume;
drop view if exists ops.quarantine_volume;
drop view if exists ops.field_drift;
drop view if exists ops.open_failure;
drop view if exists ops.table_growth;
drop view if exists ops.run_duration;
drop view if exists ops.build_duration;
drop view if exists ops.pending_rebuild;
drop view if exists ops.open_alert;

-- One row per load day that was published: what came in, and how far it has come. This is the one place that says
-- whether a day is in the marts: builds, the command line, the local stack and the dashboards all ask here.
--
-- is_built: the day is in the marts as it was published last.
-- status: `built` when it is; else `building` when a build works on it; else `waiting`, for a build. A day that is
-- built stays `built` while a rebuild computes it anew.
create view ops.day_status as
select
    load_day.load_date,
    load_day.version,
    load_day.published_at,
    load_day.built_at,
    coalesce(load_day.built_version = load_day.version, false) as is_built,
    case
        when load_day.built_version = load_day.version then 'built'
        when load_day.claimed_by is not null then 'building'
        else 'waiting'
    end as status,
    load.lines_read,
    load.loaded,
    load.duplicates,
    load.quarantined,
    load.skipped,
    round(load.quarantined::numeric / nullif(load.lines_read - load.skipped, 0), 6) as quarantined_share,
    load.bytes_read,
    round(extract(epoch from load.staged_at - load.started_at), 3) as staging_seconds,
    round(extract(epoch from load.published_at - load.started_at), 3) as publish_seconds
from ops.load_day
inner join ops.load on load_day.load_id = load.load_id;

-- One row per file of a published load day.
create view ops.file_volume as
select
    file_load.load_date,
    file_load.source,
    file_load.path,
    file_load.target,
    file_load.bytes,
    file_load.lines_read,
    file_load.loaded,
    file_load.duplicates,
    file_load.quarantined,
    file_load.skipped,
    round(file_load.quarantined::numeric / nullif(file_load.lines_read - file_load.skipped, 0), 6) as quarantined_share
from ops.file_load
inner join ops.load_day on file_load.load_id = load_day.load_id;

-- One row per published file and error code: lines that were held back.
create view ops.quarantine_volume as
select
    quarantine.load_date,
    quarantine.source,
    quarantine.path,
    quarantine.derived_kind,
    quarantine.stage,
    quarantine.error_code,
    count(*) as lines,
    min(quarantine.line_no) as first_line_no,
    min(quarantine.error_detail) as example
from ops.quarantine
inner join ops.load_day on quarantine.load_id = load_day.load_id
group by
    quarantine.load_date,
    quarantine.source,
    quarantine.path,
    quarantine.derived_kind,
    quarantine.stage,
    quarantine.error_code;

-- One row per load, kind of file and field that is not as on the last day before on which the kind landed.
--
-- new: no record of the 31 days before had it, and the contract does not name it. vanished: ten records or more should
-- have had a value, by the share of the day before, and none had. retyped: most values are of another type. The loads
-- before and after stand beside each by window functions: a join of them would be planned for few fields, and there are
-- many.
create view ops.field_drift as
with newest as (
    select distinct on (source, kind, load_date)
        source,
        kind,
        load_date,
        load_id
    from ops.file_load
    where kind is not null
    order by source, kind, load_date, load_id desc
),

looked as (
    select
        load_id,
        source,
        kind,
        max(looked_at) as looked_at
    from ops.field_day
    group by load_id, source, kind
),

attempts as (
    select
        newest.load_id,
        newest.source,
        newest.kind,
        lag(newest.load_id) over series as previous_load_id,
        lead(newest.load_id) over series as next_load_id,
        lead(newest.load_date) over series as next_date,
        lead(looked.looked_at) over series as next_looked_at
    from newest
    left join looked
        on
            newest.load_id = looked.load_id
            and newest.source = looked.source
            and newest.kind = looked.kind
    window series as (partition by newest.source, newest.kind order by newest.load_date)
),

fields as materialized (
    select
        field_day.*,
        attempts.previous_load_id,
        attempts.next_load_id,
        attempts.next_date,
        attempts.next_looked_at,
        lag(field_day.load_id) over series as before_load_id,
        lag(field_day.load_date) over series as before_date,
        lag(field_day.seen) over series as before_seen,
        lag(field_day.type) over series as before_type,
        lead(field_day.load_id) over series as after_load_id,
        lead(field_day.seen) over series as after_seen
    from attempts
    inner join ops.field_day
        on
            attempts.load_id = field_day.load_id
            and attempts.source = field_day.source
            and attempts.kind = field_day.kind
    window series as (partition by field_day.source, field_day.kind, field_day.field order by field_day.load_date)
)

select
    load_id,
    load_date,
    source,
    kind,
    field,
    'new' as drift,
    concat_ws('; ', 'the contract does not name it', type) as detail
from fields
where
    previous_load_id is not null
    and not is_mapped
    and not exists (
        select
        from ops.field_day as before
        where
            before.source = fields.source
            and before.kind = fields.kind
            and before.field = fields.field
            and before.load_date < fields.load_date
            and before.load_date >= fields.load_date - 31
    )
union all
select
    next_load_id as load_id,
    next_date as load_date,
    source,
    kind,
    field,
    'vanished' as drift,
    format('on %s, %s of %s records had it', load_date, seen, looked_at) as detail
from fields
where
    case when after_load_id = next_load_id then after_seen else 0 end = 0
    and seen > 0
    and next_looked_at * seen::numeric >= 10 * looked_at
union all
select
    load_id,
    load_date,
    source,
    kind,
    field,
    'retyped' as drift,
    format('%s on %s, now %s', before_type, before_date, type) as detail
from fields
where
    before_load_id = previous_load_id
    and type <> before_type
    and seen >= 5
    and before_seen >= 5;

-- One row per critical failure that nothing has overcome: the day was not published since, or the marts not built.
create view ops.open_failure as
select
    result.checked_at,
    result.load_date,
    result.build_id,
    result.suite,
    result.expectation,
    result.column_name,
    result.message
from ops.validation_result as result
where
    not result.success
    and result.severity = 'critical'
    and not exists (
        select
        from ops.load_day
        where
            load_day.load_date = result.load_date
            and load_day.load_id >= result.load_id
    )
    and not exists (
        select
        from ops.build
        where
            build.status = 'succeeded'
            and build.build_id >= result.build_id
    );

-- One row per build and table: its size after the build, and what the build before left.
create view ops.table_growth as
select
    table_size.build_id,
    build.finished_at,
    table_size.schema_name,
    table_size.table_name,
    table_size.estimated_rows,
    table_size.bytes,
    table_size.estimated_rows - lag(table_size.estimated_rows) over by_build as rows_added,
    table_size.bytes - lag(table_size.bytes) over by_build as bytes_added,
    rank() over (order by table_size.build_id desc) = 1 as is_latest
from ops.table_size
inner join ops.build on table_size.build_id = build.build_id
window by_build as (
    partition by table_size.schema_name, table_size.table_name
    order by table_size.build_id
);

-- One row per run of the DAG.
create view ops.run_duration as
select
    run_id,
    dag_id,
    run_type,
    first_load_date,
    last_load_date,
    last_load_date - first_load_date + 1 as load_days,
    started_at,
    finished_at,
    status,
    round(extract(epoch from finished_at - started_at), 3) as seconds
from ops.run;

-- One row per build.
create view ops.build_duration as
select
    build_id,
    holder,
    status,
    cardinality(load_dates) as load_days,
    started_at,
    finished_at,
    round(extract(epoch from finished_at - started_at), 3) as seconds
from ops.build;

-- One row per model that the next build computes anew: why.
create view ops.pending_rebuild as
select
    model_definition.model,
    model_definition.relation,
    coalesce(
        model_definition.stale_because,
        changed.parts || case when changed.parts like '%, %' then ' have changed' else ' has changed' end,
        'not built yet'
    ) as reason,
    model_definition.built_at
from ops.model_definition
left join lateral (
    select string_agg(part.name, ', ' order by part.name) as parts
    from (
        select jsonb_object_keys(model_definition.parts || model_definition.built_parts) as name
    ) as part
    where model_definition.parts -> part.name is distinct from model_definition.built_parts -> part.name
) as changed on true
where model_definition.built_definition is distinct from model_definition.definition;

-- One row per thing that went wrong and is not overcome: what people were told, and since when it lasts.
create view ops.open_alert as
select
    alert_id,
    cause,
    title,
    body,
    cardinality(load_dates) as load_days,
    times,
    first_seen,
    last_seen,
    said_at
from ops.alert
where recovered_at is null;

grant select on ops.day_status to loader, transformer, reader;
grant select on ops.file_volume to loader, transformer, reader;
grant select on ops.quarantine_volume to loader, transformer, reader;
grant select on ops.field_drift to loader, transformer, reader;
grant select on ops.open_failure to loader, transformer, reader;
grant select on ops.table_growth to loader, transformer, reader;
grant select on ops.run_duration to loader, transformer, reader;
grant select on ops.build_duration to loader, transformer, reader;
grant select on ops.pending_rebuild to loader, transformer, reader;
grant select on ops.open_alert to loader, transformer, reader;
