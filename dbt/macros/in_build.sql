{#-
    What a data test looks at: the rows of its model that the running build may have written, as a join and a condition
    (see `replaced_rows`); everything when the build computed all of them, or when no build runs.

    The work tables are looked up and not ref'd: a test with one parent runs once, in the task that builds it.
-#}
{% macro in_build(alias) %}
    {%- set everything = {'join': '', 'condition': 'true'} -%}
    {%- if not execute -%}
        {%- do return(everything) -%}
    {%- endif -%}
    {%- set node = graph.nodes[model.depends_on.nodes[0]] -%}
    {%- set state = build_state() -%}
    {%- if node.config.materialized != 'incremental' or not state.load_dates or is_full(node.name)
        or node.name in state.rebuilt -%}
        {%- do return(everything) -%}
    {%- endif -%}
    {%- if scope_of(node).by not in ('all', 'load_date', 'arrivals') and not is_in_work('scope__' ~ node.name) -%}
        {%- do return(everything) -%}
    {%- endif -%}
    {%- do return(replaced_rows(node, alias)) -%}
{% endmacro %}
