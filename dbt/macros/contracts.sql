{#-
    What the database itself holds a table to, beside the types of its contract: the columns of its grain are never null,
    and the first of its indexes lets each combination of them in once. No data test has to look for either.
-#}

{#- The columns of a table that are never null; none of what is no table or has no contract. -#}
{% macro never_null(node) %}
    {%- do return(
        grain_of(node) if node.config.materialized == 'incremental' and node.config.contract.enforced else []
    ) -%}
{% endmacro %}

{% macro postgres__get_table_columns_and_constraints() %}
    {%- set grain, columns = never_null(model), [] -%}
    {%- for column in adapter.render_raw_columns_constraints(raw_columns=model['columns']) -%}
        {%- set name = (model.columns | list)[loop.index0] -%}
        {%- do columns.append(column ~ (' not null' if name in grain else '')) -%}
    {%- endfor -%}
    ({{ columns | join(', ') }})
{% endmacro %}

{#-
    dbt's own has the database tell the columns of a model's SQL and of its contract, each time. They differ where one
    of the two was changed, and then the model computes all of its rows: a build of single days need not ask.
-#}
{% macro postgres__get_assert_columns_equivalent(sql) %}
    {%- if model.config.materialized != 'incremental' or is_full() -%}
        {%- do return(assert_columns_equivalent(sql)) -%}
    {%- endif -%}
{% endmacro %}
