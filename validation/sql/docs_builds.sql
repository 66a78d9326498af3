-- The newest builds: which load days they took, what they wrote, and what the audit of the marts found.
select
    build.build_id,
    build.status,
    build.holder,
    build.load_dates,
    build.is_full,
    build.started_at,
    build.finished_at,
    (
        select count(*) from ops.model_run
        where
            model_run.build_id = build.build_id
            and model_run.resource_type = 'model'
    ) as models,
    (
        select sum(greatest(model_run.rows_affected, 0)) from ops.model_run
        where
            model_run.build_id = build.build_id
            and model_run.resource_type = 'model'
    )::bigint as rows_written,
    array(
        select result.message from ops.validation_result as result
        where
            result.build_id = build.build_id
            and not result.success
    ) as findings
from ops.build
order by build.build_id desc
limit {{ newest }}
