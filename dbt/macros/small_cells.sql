{#-
    Cells that tell of few people. `HIDE_CELLS_BELOW` says of how many at least a row of a reporting view has to tell; by
    default all rows are shown. A view says under `meta.cell_people` by which expression over its columns that is known, or
    `none` where no row can tell of somebody. Rows of nobody are shown: they tell of nobody.

    It is applied where a view is made, so that no view has to think of it. A view that another model reads would pass on
    what it lacks: tests/dbt/test_project.py holds the project to it.

    The setting is named with its default, as macros/definitions.sql finds it: a change makes the views anew.
-#}
{% macro postgres__create_view_as(relation, sql) -%}
    {%- set people = model.config.meta.get('cell_people', 'none') -%}
    {%- set at_least = hide_cells_below() -%}
    {%- if people == 'none' or at_least < 2 -%}
        {{ return(default__create_view_as(relation, sql)) }}
    {%- endif -%}
    {%- set shown -%}
    select *
    from (
        {{ sql }}
    ) as cells
    where ({{ people }}) is null or ({{ people }}) = 0 or ({{ people }}) >= {{ at_least }}
    {%- endset -%}
    {{ return(default__create_view_as(relation, shown)) }}
{%- endmacro %}

{% macro hide_cells_below() %}
    {%- set told = env_var('HIDE_CELLS_BELOW', '0') -%}
    {%- if not modules.re.match('^[0-9]+$', told) -%}
        {{ exceptions.raise_compiler_error(
            "HIDE_CELLS_BELOW='" ~ told ~ "' is no number of people. Remedy: set it in .env to a whole number, such as 5; "
            ~ "0 shows all."
        ) }}
    {%- endif -%}
    {%- do return(told | int) -%}
{% endmacro %}
