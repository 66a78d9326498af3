{#- on-run-end: one row per node into ops.model_run; with a full build that no `ops.build` stands for, its end. -#}
{% macro record_model_runs(results) %}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot') and results -%}
        {%- set state = build_state() -%}
        insert into ops.model_run (
            build_id, invocation_id, node_id, resource_type, schema_name, name, status, seconds, rows_affected, message
        )
        values
        {%- for result in results %}
        {%- set rows = (result.adapter_response or {}).get('rows_affected') %}
        (
            (select build.build_id from ops.build where build.status = 'running'),
            '{{ invocation_id }}',
            '{{ result.node.unique_id }}',
            '{{ result.node.resource_type }}',
            '{{ result.node.schema }}',
            '{{ result.node.name }}',
            '{{ result.status }}',
            {{ '%.3f' | format(result.execution_time) }},
            {{ rows if rows is not none and rows >= 0 else 'null' }},
            {{ dbt.string_literal((result.message or '')[:2000] | replace("'", "''")) }}
        ){{ ',' if not loop.last }}
        {%- endfor -%}
        ;
        {%- set bad = results | selectattr('status', 'in', ['error', 'fail', 'skipped', 'runtime error']) | list %}
        {%- set names = results | map(attribute='node.name') | list %}
        {%- if state.is_full and not bad and 'work_build' in names and 'mart_engagement' in names %}
        update {{ built('work_build') }} set is_finished = true
        where not exists (select from ops.build where build.build_id = work_build.build_id);
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
