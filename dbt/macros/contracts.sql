{#-
    What the database itself holds a table to, beside the types of its contract: the columns of its grain are never null,
    the first of its indexes lets each combination of them in once, and each row meets the conditions that the YAML gives
    as `constraints` of the type `check`. No data test has to look for any of these.
-#}

{#- The columns of a table that are never null; none of what is no table or has no contract. -#}
{% macro never_null(node) %}
    {%- do return(
        grain_of(node) if node.config.materialized == 'incremental' and node.config.contract.enforced else []
    ) -%}
{% endmacro %}

{#-
    The conditions that each row of a table meets, by name. SQL lets a row pass of which it is unknown; here it must be
    known. A condition is named after what it says: that is what PostgreSQL tells of a row which breaks it.
-#}
{% macro checks(node) %}
    {%- set found = {} -%}
    {%- for constraint in node.constraints if constraint.type == 'check' -%}
        {%- set said = constraint.expression.split() | join(' ') -%}
        {%- do found.update({said[:63]: '(' ~ said ~ ') is true'}) -%}
    {%- endfor -%}
    {%- do return(found) -%}
{% endmacro %}

{% macro postgres__get_table_columns_and_constraints() %}
    {%- set grain, parts = never_null(model), [] -%}
    {%- for column in adapter.render_raw_columns_constraints(raw_columns=model['columns']) -%}
        {%- set name = (model.columns | list)[loop.index0] -%}
        {%- do parts.append(column ~ (' not null' if name in grain else '')) -%}
    {%- endfor -%}
    {%- for name, condition in checks(model).items() -%}
        {%- do parts.append('constraint ' ~ adapter.quote(name) ~ ' check (' ~ condition ~ ')') -%}
    {%- endfor -%}
    ({{ parts | join(', ') }})
{% endmacro %}
