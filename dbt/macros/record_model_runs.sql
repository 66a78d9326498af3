{#- on-run-end: one row per node into ops.model_run. -#}
{% macro record_model_runs(results) %}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot') and results -%}
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
            '{{ (result.message or '')[:2000] | replace("'", "''") }}'
        ){{ ',' if not loop.last }}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
