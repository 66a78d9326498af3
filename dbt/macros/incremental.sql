{#-
    Strategy `affected`: delete what is affected, then insert what it is now, in one transaction. What to delete is a
    property of the affected set, not of the new rows: rows that vanished have no new row that could name them.

    A model lists its statements in `meta.deletes`; they are rendered when it runs, and may say __new_rows__.
    In a full build the whole content is replaced, which leaves the views upon it alive.
-#}
{% macro get_incremental_affected_sql(arg_dict) %}
    {%- set columns = get_quoted_csv(arg_dict.dest_columns | map(attribute='name')) -%}
    {%- set new_rows = arg_dict.temp_relation -%}
    {%- if is_full() %}
    delete from {{ arg_dict.target_relation }};
    {%- else %}
    {#- The planner knows nothing of a fresh temporary table, and would rather scan a history than trust it. -#}
    analyze {{ new_rows }};
    {%- for statement in config.get('meta').deletes %}
    {{ render(statement) | replace('__new_rows__', new_rows | string) }};
    {%- endfor %}
    {%- endif %}
    insert into {{ arg_dict.target_relation }} ({{ columns }})
    select {{ columns }}
    from {{ new_rows }}
{% endmacro %}

{#-
    dbt's own, plus: a full build makes a table anew and swaps it in, as --full-refresh does. Not for what views
    stand upon (`meta.keep`): dropping the old table would take them along until they are built again.
-#}
{% macro should_full_refresh() %}
    {%- set asked = config.get('full_refresh') -%}
    {%- if asked is none -%}
        {%- set asked = flags.FULL_REFRESH -%}
    {%- endif -%}
    {%- if not asked and execute and model.resource_type == 'model' and not config.get('meta', {}).get('keep') -%}
        {%- set asked = is_full() -%}
    {%- endif -%}
    {%- do return(asked) -%}
{% endmacro %}

{#-
    Post-hook of the large tables: statistics after a full build, and after many new rows, which the models that follow
    are planned by. Otherwise autovacuum keeps them.
-#}
{% macro analyze_if_large() %}
    {%- if execute and (is_full() or load_result('main').response.rows_affected >= 50000) -%}
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

{#- In a full build: rows of one date lie together, as they do when days are built one by one. What a later day reads
    is then the same few pages, however long the history. -#}
{% macro in_order_of(column) -%}
    {{ 'order by ' ~ column if is_full() }}
{%- endmacro %}
