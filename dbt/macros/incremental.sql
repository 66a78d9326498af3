{#-
    Strategy `scoped`: the rows of the model's scope are replaced by what they are now, in one transaction. What to
    replace is a property of what changed, not of the new rows: rows that vanished have no new row that could name them.
    A row that comes back identical stays where it is, and only what changed is logged for the models downstream.

    In a full build the whole content is replaced, which leaves the views upon it alive.
-#}
{% macro get_incremental_scoped_sql(arg_dict) %}
    {%- set target = arg_dict.target_relation -%}
    {%- set new_rows = arg_dict.temp_relation -%}
    {%- set columns = get_quoted_csv(arg_dict.dest_columns | map(attribute='name')) -%}
    {%- if is_full() %}
    delete from {{ target }};
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ new_rows }}
    {%- else %}
    {%- set before, gone = model.name ~ '__before', model.name ~ '__gone' -%}
    {#- The planner knows nothing of a fresh temporary table, and would rather scan a history than trust it. It need
        know the columns by which the table is joined, and no others. -#}
    {%- set grain = grain_of(model) -%}
    {%- set joined = grain + (['load_date'] if scope_of(model).by == 'arrivals' else []) -%}
    {%- set joined = ' (' ~ joined | join(', ') ~ ')' -%}
    {%- set replaced = replaced_rows(model, 'target') -%}
    {%- set conditions = events_to_replace(new_rows) if scope_of(model).by == 'arrivals' else [replaced.condition] -%}
    {%- set rows_before = [] -%}
    {%- for condition in conditions -%}
        {%- do rows_before.append(
            'select target.' ~ (columns | replace(', ', ', target.')) ~ ' from ' ~ target ~ ' as target '
            ~ replaced.join ~ ' where ' ~ condition
        ) -%}
    {%- endfor -%}
    analyze {{ new_rows }}{{ joined }};
    create temporary table {{ before }} on commit drop as
    {{ rows_before | join(' union all ') }};
    analyze {{ before }}{{ joined }};
    create temporary table {{ gone }} on commit drop as
    select {{ columns }} from {{ before }} as before
    where not exists (select from {{ new_rows }} as fresh where {{ same_grain('fresh', 'before') }} and fresh *= before);
    analyze {{ gone }} ({{ grain | join(', ') }});
    {#- From here on the new rows are those that differ: on most days nearly all of them, which are not copied. -#}
    delete from {{ new_rows }} as fresh using {{ before }} as before
    where {{ same_grain('fresh', 'before') }} and fresh *= before;
    delete from {{ target }} as target using {{ gone }} as gone
    where {{ same_grain('target', 'gone') }};
    {{ log_changes(columns, gone, new_rows, before) }}
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ new_rows }}
    {%- endif %}
{% endmacro %}

{#- dbt's own, plus: new rows have the columns in the order of the contract, as the table has them, with which they are
    compared byte for byte. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- if temporary and model.config.contract.enforced -%}
        {%- set sql = get_select_subquery(sql) -%}
    {%- endif -%}
    {{ dbt.postgres__create_table_as(temporary, relation, sql) }}
{%- endmacro %}

{#- The columns by which each row of a model is one: those of its first unique index. -#}
{% macro grain_of(node) %}
    {%- for index in node.config.indexes if index.unique -%}
        {%- do return(index.columns) -%}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error(
        node.name ~ ": no index of its is unique. "
        ~ "Remedy: say its grain as the first of its `indexes`, with 'unique': true."
    ) }}
{% endmacro %}

{#- Whether two relations' rows are the same one, by the grain of the model. -#}
{% macro same_grain(one, other) -%}
    {%- for column in grain_of(model) -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Whether views stand upon a model: dropping its table would take them along until they are made again. -#}
{% macro carries_views(node) %}
    {%- for other in graph.nodes.values()
        if other.config.materialized == 'view' and node.unique_id in other.depends_on.nodes -%}
        {%- do return(true) -%}
    {%- endfor -%}
    {%- do return(false) -%}
{% endmacro %}

{#-
    dbt's own, plus: a full build makes a table anew and swaps it in, as --full-refresh does. Not where views stand upon
    the table and its columns are the same: there its rows are replaced.
-#}
{% macro should_full_refresh() %}
    {%- if not execute or model.resource_type != 'model' -%}
        {%- do return(flags.FULL_REFRESH) -%}
    {%- endif -%}
    {%- if not is_full() -%}
        {%- do return(false) -%}
    {%- endif -%}
    {%- if flags.FULL_REFRESH or not carries_views(model) or built(model.name) is none -%}
        {%- do return(true) -%}
    {%- endif -%}
    {%- set contract = run_query(
        "select built_parts ->> 'its contract' = parts ->> 'its contract' from ops.model_definition where model = '"
        ~ model.name ~ "'"
    ) -%}
    {%- do return(not contract.rows or not contract.rows[0][0]) -%}
{% endmacro %}

{#-
    dbt's own asks the database for the columns of the new rows and of the table. A contract has settled both: the rows
    are held to it, and a table of another contract was computed anew (`should_full_refresh`).
-#}
{% macro postgres__check_for_schema_changes(source_relation, target_relation) %}
    {%- if not model.config.contract.enforced -%}
        {%- do return(default__check_for_schema_changes(source_relation, target_relation)) -%}
    {%- endif -%}
    {%- set columns = model.columns.values() | list -%}
    {%- do return({
        'schema_changed': false, 'source_not_in_target': [], 'target_not_in_source': [], 'source_columns': columns,
        'target_columns': columns, 'new_target_types': [],
    }) -%}
{% endmacro %}

{#-
    Post-hook of every table: statistics after a full build, and after many new rows, which the models that follow
    are planned by. Otherwise autovacuum keeps them.
-#}
{% macro analyze_if_large() %}
    {%- if execute and model.config.materialized == 'incremental'
        and (is_full() or load_result('main').response.rows_affected >= 50000) -%}
        analyze {{ this }}
    {%- endif -%}
{% endmacro %}

{#- Post-hook: an index over the rows in which `column` is not null; dbt's `indexes` cannot. Named after the table's
    oid, since while a table is swapped its predecessor still has the index of that name. -#}
{% macro index_where_present(column, then_by) %}
    {%- if execute -%}
        {%- set oid = run_query("select '" ~ this ~ "'::regclass::oid").rows[0][0] -%}
        create index if not exists {{ this.identifier }}_{{ column }}_{{ oid }}
        on {{ this }} ({{ column }}, {{ then_by }}) where {{ column }} is not null
    {%- endif -%}
{% endmacro %}
