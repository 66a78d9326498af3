-- The newest build of a run: what it took, what it wrote, and which tables it computed anew.
select
    build.build_id,
    build.status,
    build.load_dates,
    build.is_full,
    (
        select count(*) from ops.model_run
        where
            model_run.build_id = build.build_id
            and model_run.resource_type = 'model'
            and model_run.status = 'success'
    ) as models,
    (
        select coalesce(sum(greatest(model_run.rows_affected, 0)), 0) from ops.model_run
        where
            model_run.build_id = build.build_id
            and model_run.resource_type = 'model'
            and model_run.status = 'success'
    )::bigint as rows_written,
    array(
        select model_definition.model from ops.model_definition
        where model_definition.build_id = build.build_id
        order by model_definition.model
    ) as computed_anew,
    array(
        select model_run.name || ': ' || coalesce(split_part(model_run.message, chr(10), 1), model_run.status)
        from ops.model_run
        where
            model_run.build_id = build.build_id
            and model_run.status in ('error', 'fail', 'runtime error')
        order by model_run.name
    ) as broken,
    array(
        select result.message from ops.validation_result as result
        where
            result.build_id = build.build_id
            and not result.success
        order by result.severity, result.message -- noqa: RF01
    ) as findings
from ops.build
where build.holder = {{ run_id }}
order by build.build_id desc
limit 1
