-- Rows and bytes of every table, partitions counted with their parent. Nothing is scanned; for partitions, of which
-- there are thousands, the catalog's number of pages stands in for a look at their files.
insert into ops.table_size (build_id, schema_name, table_name, estimated_rows, bytes)
select
    {{ build }} as build_id,
    namespaces.nspname as schema_name,
    tables.relname as table_name,
    sum(statistics.n_live_tup) as estimated_rows,
    sum(
        case
            when members.relispartition then members.relpages * current_setting('block_size')::bigint
            else coalesce(pg_total_relation_size(members.oid), 0)
        end
    ) as bytes
from pg_class as tables
inner join pg_namespace as namespaces
    on tables.relnamespace = namespaces.oid
left join pg_inherits as inheritance
    on tables.oid = inheritance.inhparent
inner join pg_class as members
    on coalesce(inheritance.inhrelid, tables.oid) = members.oid
inner join pg_stat_all_tables as statistics
    on members.oid = statistics.relid
where
    namespaces.nspname in ('raw', 'ops', 'work', 'core', 'restricted', 'summaries', 'marts', 'reporting')
    and tables.relkind in ('r', 'p', 'm')
    and not tables.relispartition
    -- what is staged, and what dbt renames away, may be gone the next moment
    and tables.relname !~ '__(staged|20[0-9]+|dbt_.*)$'
group by namespaces.nspname, tables.relname
on conflict (build_id, schema_name, table_name) do nothing
