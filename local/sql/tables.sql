-- Every table that holds rows of its own.
select
    namespace.nspname,
    relation.relname
from pg_class as relation
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
where
    relation.relkind = 'r'
    and namespace.nspname not in ('pg_catalog', 'information_schema')
    and namespace.nspname !~ '^pg_(temp|toast)'
order by namespace.nspname, relation.relname
