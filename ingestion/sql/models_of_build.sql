-- The models that a build ran, each by its newest attempt.
select distinct on (name)
    name,
    status,
    finished_at,
    rows_affected
from ops.model_run
where
    build_id = {{ build_id }}
    and resource_type = 'model'
order by name, finished_at desc
