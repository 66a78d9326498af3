select
    finished_at as "time",
    schema_name || '.' || table_name as metric,
    estimated_rows
from ops.table_growth
where
    schema_name in ('core', 'summaries', 'marts')
    and $__timeFilter(finished_at)
order by finished_at
