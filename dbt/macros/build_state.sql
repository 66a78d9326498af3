{#-
    What this build works on. The model `work_build` settles it once, before any other model runs; everything else
    asks here. The relations are looked up, not ref'd: a ref would make a cycle of "the built state" and would give
    every test a second parent.
-#}

{#- The existing table or view of a model, or none before its first build. -#}
{% macro built(name) %}
    {%- if not execute -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set node = graph.nodes['model.engagement.' ~ name] -%}
    {%- do return(adapter.get_relation(node.database, node.schema, node.alias)) -%}
{% endmacro %}

{#-
    build_id: tags what the build writes into `work`.
    is_full: everything is computed anew.
    load_dates: the load days to take from raw, as text.
    last_succeeded: work rows with a greater build_id are not in the marts yet.
    Once its build has ended, in whatever way, a state has nothing to do any more: a model that somebody runs by hand
    then must not pick up days that no build has claimed.
-#}
{% macro build_state() %}
    {%- set state = {'build_id': 0, 'is_full': flags.FULL_REFRESH, 'load_dates': [], 'last_succeeded': 0} -%}
    {%- set work_build = built('work_build') -%}
    {%- if work_build is not none -%}
        {%- set row = run_query(
            "select work_build.build_id, work_build.is_full, array_to_string(work_build.load_dates, ','), "
            ~ "coalesce(build.status <> 'running', work_build.is_finished), "
            ~ "(select coalesce(max(succeeded.build_id), 0) from ops.build as succeeded where succeeded.status = 'succeeded') "
            ~ "from " ~ work_build ~ " as work_build left join ops.build on work_build.build_id = build.build_id"
        ).rows[0] -%}
        {%- do state.update({'build_id': row[0], 'last_succeeded': row[4]}) -%}
        {%- if not row[3] -%}
            {%- do state.update({'is_full': row[1] or flags.FULL_REFRESH}) -%}
            {%- do state.update({'load_dates': row[2].split(',') if row[2] else []}) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do return(state) -%}
{% endmacro %}

{#- Whether the model that asks computes all of its rows: in a full build, and where its table is not there yet. -#}
{% macro is_full() %}
    {%- if execute and model.config.materialized == 'incremental' and load_relation(this) is none -%}
        {%- do return(true) -%}
    {%- endif -%}
    {%- do return(build_state().is_full) -%}
{% endmacro %}

{#- The claimed load days as a literal: `load_date = any({{ load_days() }})` prunes partitions when it is planned. -#}
{% macro load_days() -%}
    '{ {{- build_state().load_dates | join(',') -}} }'::date[]
{%- endmacro %}

{% macro build_id() -%}
    {{ build_state().build_id }}
{%- endmacro %}

{#- Rows of `work` that no successful build has used: this build's, and those of builds that failed before it. -#}
{% macro is_unfinished(relation) -%}
    {{ relation }}.build_id > {{ build_state().last_succeeded }}
{%- endmacro %}
