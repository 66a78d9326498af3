{#-
    What `incremental` means here: the rows of the model's scope are replaced by what they are now, in one transaction.
    What to replace is a property of what changed, not of the new rows: rows that vanished have no new row that could name
    them. A row that comes back identical stays where it is, and only what changed is logged for the models downstream.

    It is one statement, which settles the scope, computes and replaces: dbt's own sends five, and to send one costs dbt
    more than most models cost the database. A model that computes all of its rows goes dbt's own way.
-#}
{% materialization incremental, adapter='postgres' -%}
    {%- if is_full() -%}
        {%- do return(dbt.materialization_incremental_default()) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main', auto_begin=True) -%}
        {{ settle_scope() }}
        {{ replace_rows(sql) }}
    {%- endcall -%}
    {{ keep_statistics(load_result('main').response.rows_affected) }}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{%- endmaterialization %}

{#- The models that follow are planned by statistics. Those of a table that grew by a tenth, autovacuum makes anew, but
    later; of few rows, it does not matter. -#}
{% macro keep_statistics(rows) %}
    {%- if rows >= 2000 -%}
        {%- set known = run_query("select reltuples from pg_class where oid = '" ~ this ~ "'::regclass").rows[0][0] -%}
        {%- if rows >= 50000 or rows * 10 >= known -%}
            {%- do run_query('analyze ' ~ this) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{% macro replace_rows(sql) %}
    {%- set new_rows, before, gone = model.name ~ '__new', model.name ~ '__before', model.name ~ '__gone' -%}
    {#- New rows have the columns of the table in its order, since both are compared byte for byte. -#}
    {%- set names = model.columns if model.config.contract.enforced
        else adapter.get_columns_in_relation(this) | map(attribute='name') -%}
    {%- set columns = names | map('tojson') | join(', ') -%}
    {#- The planner knows nothing of a fresh temporary table, and would rather scan a history than trust it. It need
        know the columns by which the table is joined, and no others. -#}
    {%- set grain = grain_of(model) -%}
    {%- set joined = grain + (['load_date'] if scope_of(model).by == 'arrivals' else []) -%}
    {%- set joined = ' (' ~ joined | join(', ') ~ ')' -%}
    {%- set replaced = replaced_rows(model, 'target') -%}
    {%- set conditions = events_to_replace(new_rows) if scope_of(model).by == 'arrivals' else [replaced.condition] %}
    create temporary table {{ new_rows }} on commit drop as
    select {{ columns }} from (
        {{ sql }}
    ) as new_rows;
    analyze {{ new_rows }}{{ joined }};
    create temporary table {{ before }} on commit drop as
    {%- for condition in conditions %}
    select target.{{ columns | replace(', ', ', target.') }} from {{ this }} as target {{ replaced.join }} where {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %};
    analyze {{ before }}{{ joined }};
    create temporary table {{ gone }} on commit drop as
    select {{ columns }} from {{ before }} as before
    where not exists (select from {{ new_rows }} as fresh where {{ same_grain('fresh', 'before') }} and fresh *= before);
    analyze {{ gone }} ({{ grain | join(', ') }});
    -- From here on the new rows are those that differ: on most days nearly all of them, which are not copied.
    delete from {{ new_rows }} as fresh using {{ before }} as before
    where {{ same_grain('fresh', 'before') }} and fresh *= before;
    delete from {{ this }} as target using {{ gone }} as gone
    where {{ same_grain('target', 'gone') }};
    {{ log_changes(columns, gone, new_rows, before) }}
    insert into {{ this }} ({{ columns }})
    select {{ columns }} from {{ new_rows }}
{% endmacro %}

{#- dbt's own way, where views stand upon a table that is computed anew: its whole content is replaced. -#}
{% macro get_incremental_scoped_sql(arg_dict) %}
    {%- set columns = get_quoted_csv(arg_dict.dest_columns | map(attribute='name')) %}
    delete from {{ arg_dict.target_relation }};
    insert into {{ arg_dict.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arg_dict.temp_relation }}
{% endmacro %}

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

{#- Post-hook: an index over the rows in which `column` is not null; dbt's `indexes` cannot. Named after the table's
    oid, since while a table is swapped its predecessor still has the index of that name. -#}
{% macro index_where_present(column, then_by) %}
    {%- if execute -%}
        {%- set oid = run_query("select '" ~ this ~ "'::regclass::oid").rows[0][0] -%}
        create index if not exists {{ this.identifier }}_{{ column }}_{{ oid }}
        on {{ this }} ({{ column }}, {{ then_by }}) where {{ column }} is not null
    {%- endif -%}
{% endmacro %}
