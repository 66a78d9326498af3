select
    finished_at as "time",
    schema_name as metric,
    sum(bytes) as bytes
from ops.table_growth
where $__timeFilter(finished_at)
group by finished_at, schema_name
order by finished_at, schema_name
