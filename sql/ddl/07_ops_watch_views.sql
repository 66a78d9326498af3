-- What the operations dashboard and the alerts ask beyond 04_ops_views.sql. These views stand on tables only, so that
-- either file can be run again. Run by the owner.

drop view if exists ops.newest_day;
drop view if exists ops.line_account;
drop view if exists ops.source_day;
drop view if exists ops.source_freshness;
drop view if exists ops.table_change;
drop view if exists ops.model_speed;
drop view if exists ops.rejected_day;
drop view if exists ops.failed_run;
drop view if exists ops.dead_rows;
drop view if exists ops.server_state;

-- One row: the newest load day that is in the marts, since when it is, and how many days that are over are not. A load
-- day is over at midnight, UTC.
create view ops.newest_day as
select
    (now() at time zone 'UTC')::date - 1 as last_day_over,
    newest.load_date as newest_day,
    newest.built_at,
    greatest((now() at time zone 'UTC')::date - 1 - newest.load_date, 0) as days_behind
from ops.load_day as newest
where newest.built_version = newest.version
order by newest.load_date desc
limit 1;

-- One row per published load day: the lines that were read, and what became of them by the accounts of files.
-- unaccounted_lines is 0; anything else is a line that was lost, or one that was counted twice.
create view ops.line_account as
select
    load_day.load_date,
    load.lines_read,
    coalesce(sum(file_load.loaded), 0) as loaded,
    coalesce(sum(file_load.duplicates), 0) as duplicates,
    coalesce(sum(file_load.quarantined), 0) as quarantined,
    coalesce(sum(file_load.skipped), 0) as skipped,
    load.lines_read - coalesce(
        sum(file_load.loaded + file_load.duplicates + file_load.quarantined + file_load.skipped), 0
    ) as unaccounted_lines
from ops.load_day
inner join ops.load on load_day.load_id = load.load_id
left join ops.file_load on load_day.load_id = file_load.load_id
group by load_day.load_date, load.load_id;

-- One row per published load day and source with a file: what came, and what was to be expected.
--
-- usual_events: the median of the source's seven days with events among the 28 days before, where these are three or
-- more; so the audit of each load (volume_jumps) has it. A day is out of its band with more than three times of it, or
-- less than a third.
create view ops.source_day as
with days as (
    select
        file_load.source,
        file_load.load_date,
        count(*) as files,
        sum(file_load.lines_read) as lines_read,
        sum(file_load.loaded) as loaded,
        sum(file_load.quarantined) as quarantined,
        sum(file_load.lines_read - file_load.skipped) as lines_meant,
        coalesce(sum(file_load.loaded) filter (where file_load.target = 'user_events'), 0) as events
    from ops.file_load
    inner join ops.load_day on file_load.load_id = load_day.load_id
    group by file_load.source, file_load.load_date
),

before as (
    select
        days.*,
        array_agg(nullif(days.events, 0)) over (
            partition by days.source
            order by days.load_date
            range between interval '28 days' preceding and interval '1 day' preceding
        ) as events_before
    from days
),

usual as (
    select
        before.*,
        median.events as usual_events
    from before
    cross join lateral (
        select case when count(*) >= 3 then percentile_cont(0.5) within group (order by recent.events) end as events
        from (
            select past.events
            from unnest(before.events_before) with ordinality as past (events, number)
            where past.events is not null
            order by past.number desc
            limit 7
        ) as recent
    ) as median
)

select
    source,
    load_date,
    files,
    lines_read,
    loaded,
    quarantined,
    round(quarantined::numeric / nullif(lines_meant, 0), 6) as quarantined_share,
    events,
    usual_events,
    usual_events / 3 as lowest_expected,
    usual_events * 3 as highest_expected,
    coalesce(events not between usual_events / 3 and usual_events * 3, false) as is_out_of_band
from usual;

-- One row per source that landed in the last 90 days with data: when it came last, and the longest it ever stayed away
-- in the 28 days before that. A source is overdue when it has been away for longer than that, and for more than a
-- day, beside the newest published load day.
create view ops.source_freshness as
with days as (
    select distinct
        file_load.source,
        file_load.load_date
    from ops.file_load
    inner join ops.load_day on file_load.load_id = load_day.load_id
    where file_load.loaded > 0
),

gaps as (
    select
        source,
        load_date,
        max(load_date) over (partition by source) as last_date,
        load_date - lag(load_date) over (partition by source order by load_date) as days_away
    from days
),

newest as (
    select max(load_date) as load_date
    from ops.load_day
)

select
    gaps.source,
    gaps.last_date,
    newest.load_date - gaps.last_date as days_silent,
    coalesce(max(gaps.days_away) filter (where gaps.load_date > gaps.last_date - 28), 1) as longest_gap,
    newest.load_date - gaps.last_date
    > coalesce(max(gaps.days_away) filter (where gaps.load_date > gaps.last_date - 28), 1) as is_overdue
from gaps
cross join newest
where gaps.last_date > newest.load_date - 90
group by gaps.source, gaps.last_date, newest.load_date;

-- One row per table after the last build: its rows, by how many they grew for each load day of the build, and the band
-- in which nine of ten of the 28 builds before were. Without a band where there were fewer than five.
create view ops.table_change as
with sizes as (
    select
        table_size.build_id,
        table_size.schema_name,
        table_size.table_name,
        table_size.estimated_rows,
        table_size.bytes,
        (table_size.estimated_rows - lag(table_size.estimated_rows) over by_build)
        / greatest(cardinality(build.load_dates), 1)::numeric as rows_per_day,
        row_number() over (
            partition by table_size.schema_name, table_size.table_name
            order by table_size.build_id desc
        ) as builds_ago,
        max(table_size.build_id) over () as last_build_id
    from ops.table_size
    inner join ops.build on table_size.build_id = build.build_id
    window by_build as (
        partition by table_size.schema_name, table_size.table_name
        order by table_size.build_id
    )
),

newest as (
    select * from sizes
    where
        builds_ago = 1
        and build_id = last_build_id
),

bands as (
    select
        schema_name,
        table_name,
        count(rows_per_day) as builds,
        percentile_cont(0.05) within group (order by rows_per_day) as lowest,
        percentile_cont(0.95) within group (order by rows_per_day) as highest
    from sizes
    where builds_ago between 2 and 29
    group by schema_name, table_name
)

select
    newest.schema_name,
    newest.table_name,
    newest.estimated_rows,
    newest.bytes,
    newest.rows_per_day,
    bands.lowest as lowest_expected,
    bands.highest as highest_expected,
    coalesce(newest.rows_per_day not between bands.lowest and bands.highest, false) as is_out_of_band
from newest
left join bands
    on
        newest.schema_name = bands.schema_name
        and newest.table_name = bands.table_name
        and bands.builds >= 5;

-- One row per model of dbt's that ran in the last week: how long it takes, beside the week before.
create view ops.model_speed as
select
    name,
    count(*) filter (where finished_at > now() - interval '7 days') as runs,
    percentile_cont(0.5) within group (order by seconds)
    filter (where finished_at > now() - interval '7 days') as median_seconds,
    percentile_cont(0.5) within group (order by seconds)
    filter (where finished_at <= now() - interval '7 days') as median_seconds_before,
    max(seconds) filter (where finished_at > now() - interval '7 days') as slowest_seconds,
    percentile_cont(0.5) within group (order by seconds) filter (where finished_at > now() - interval '7 days')
    / nullif(
        percentile_cont(0.5) within group (order by seconds) filter (where finished_at <= now() - interval '7 days'), 0
    ) as times_as_long
from ops.model_run
where
    resource_type = 'model'
    and status = 'success'
    and finished_at > now() - interval '14 days'
group by name
having count(*) filter (where finished_at > now() - interval '7 days') > 0;

-- One row per load day whose newest load was rejected by its audit, and that is not published since.
create view ops.rejected_day as
select
    newest.load_date,
    newest.load_id,
    newest.staged_at,
    published.load_id is not null as has_published_before
from (
    select distinct on (load_date)
        load_date,
        load_id,
        status,
        staged_at
    from ops.load
    order by load_date, load_id desc
) as newest
left join ops.load_day as published on newest.load_date = published.load_date
where newest.status = 'rejected';

-- One row per failed run of which a load day is not in the marts, and that no later run of the same days made good.
create view ops.failed_run as
select
    run.run_id,
    run.dag_id,
    run.run_type,
    run.first_load_date,
    run.last_load_date,
    run.started_at,
    run.finished_at
from ops.run
where
    run.status = 'failed'
    and not exists (
        select
        from ops.run as later
        where
            later.dag_id = run.dag_id
            and later.status = 'succeeded'
            and later.started_at > run.started_at
            and later.first_load_date <= run.first_load_date
            and later.last_load_date >= run.last_load_date
    );

-- One row per table: the rows that are dead until the next vacuum, as PostgreSQL counts them.
create view ops.dead_rows as
select
    schemaname as schema_name,
    relname as table_name,
    n_live_tup as live_rows,
    n_dead_tup as dead_rows,
    round(n_dead_tup::numeric / nullif(n_live_tup + n_dead_tup, 0), 4) as dead_share,
    greatest(last_vacuum, last_autovacuum) as vacuumed_at
from pg_stat_user_tables;

-- One row: the server as it is now.
create view ops.server_state as
select
    current_setting('max_connections')::integer as most_connections,
    pg_database_size(current_database()) as bytes,
    pg_postmaster_start_time() as started_at,
    (
        select count(*)
        from pg_stat_activity
        where datname is not null
    ) as connections,
    (
        select count(*)
        from pg_locks
        where not granted
    ) as waiting_locks,
    (
        select deadlocks
        from pg_stat_database
        where datname = current_database()
    ) as deadlocks;

grant select on ops.newest_day to loader, transformer, reader;
grant select on ops.line_account to loader, transformer, reader;
grant select on ops.source_day to loader, transformer, reader;
grant select on ops.source_freshness to loader, transformer, reader;
grant select on ops.table_change to loader, transformer, reader;
grant select on ops.model_speed to loader, transformer, reader;
grant select on ops.rejected_day to loader, transformer, reader;
grant select on ops.failed_run to loader, transformer, reader;
grant select on ops.dead_rows to loader, transformer, reader;
grant select on ops.server_state to loader, transformer, reader;
