{#-
    What this build works on. The model `work_build` settles it once, before any other model runs; everything else
    asks here. The relations are looked up, not ref'd: a ref would make a cycle of "the built state" and would give
    every test a second parent.
-#}

{#- The node of a model, as the graph has it. -#}
{% macro node_of(name) %}
    {%- do return(graph.nodes['model.' ~ project_name ~ '.' ~ name]) -%}
{% endmacro %}

{#- What has been found out about a node in this call of dbt. Threads that ask at the same time share it: `setdefault`
    is one step, so that none of them starts it anew upon what another has put there. -#}
{% macro memory_of(node) %}
    {%- do return(node.setdefault('found_out', {}).setdefault(invocation_id, {})) -%}
{% endmacro %}

{#- The existing table or view of a model, or none before its first build. What is there stays while dbt runs, and is
    remembered: dbt's own memory of what is there takes long to search. -#}
{% macro built(name) %}
    {%- if not execute -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set node = node_of(name) -%}
    {%- set memory = memory_of(node) -%}
    {%- if 'relation' not in memory -%}
        {%- set relation = adapter.get_relation(node.database, node.schema, node.alias) -%}
        {%- if relation is none -%}
            {%- do return(none) -%}
        {%- endif -%}
        {%- do memory.update({'relation': relation}) -%}
    {%- endif -%}
    {%- do return(memory.relation) -%}
{% endmacro %}

{#-
    build_id: tags what the build writes down about itself.
    load_dates: the load days that the build claimed, as text.
    all_dates: these and all that were built before; a model that is computed anew takes them.
    stale: the models that are computed anew, see macros/definitions.sql; rebuilt: those that this build did before.
    last_succeeded: what builds with a greater build_id changed has not reached every model yet.
    work: the tables in the schema of that name, and the columns of each.
    full: what `is_full` has answered. It answers the same once the model has made its table.
    Once its build has ended, in whatever way, a state has no load days any more: a model that somebody runs by hand
    then must not pick up days that no build has claimed.
    It is looked up once in a call of dbt, after `work_build` has settled it, for everything else stands upon that. What
    the models add to it meanwhile, they add here, too: tables in `work`, and who is stale since another was rebuilt.
-#}
{% macro build_state() %}
    {%- set memory = memory_of(node_of('work_build')) if execute else {} -%}
    {%- if 'build_state' in memory -%}
        {%- do return(memory.build_state) -%}
    {%- endif -%}
    {%- set state = {
        'build_id': 0, 'load_dates': [], 'all_dates': [], 'stale': [], 'rebuilt': [], 'last_succeeded': 0,
        'work': {}, 'full': {},
    } -%}
    {%- set work_build = built('work_build') -%}
    {%- if work_build is none -%}
        {%- do return(state) -%}
    {%- endif -%}
    {%- set row = run_query(
        "select work_build.build_id, "
        ~ "case when build.status = 'running' then array_to_string(work_build.load_dates, ',') end, "
        ~ "array_to_string(work_build.all_dates, ','), "
        ~ "(select string_agg(pending.model, ',') from ops.pending_rebuild as pending), "
        ~ "(select string_agg(definition.model, ',') from ops.model_definition as definition "
        ~ "where definition.build_id = work_build.build_id), "
        ~ "(select coalesce(max(done.build_id), 0) from ops.build as done where done.status = 'succeeded'), "
        ~ "(select json_object_agg(held.name, held.columns)::text from (select relname as name, "
        ~ "array_agg(attname order by attnum) as columns from pg_class inner join pg_attribute "
        ~ "on pg_class.oid = attrelid and attnum > 0 and not attisdropped "
        ~ "where relnamespace = 'work'::regnamespace and relkind = 'r' group by relname) as held) "
        ~ "from " ~ work_build ~ " as work_build left join ops.build on work_build.build_id = build.build_id"
    ).rows[0] -%}
    {%- do state.update({
        'build_id': row[0],
        'load_dates': (row[1] or '').split(',') | select | list,
        'all_dates': (row[2] or '').split(',') | select | list,
        'stale': (row[3] or '').split(',') | select | list,
        'rebuilt': (row[4] or '').split(',') | select | list,
        'last_succeeded': row[5],
        'work': fromjson(row[6]),
    }) -%}
    {%- do return(memory.setdefault('build_state', state)) -%}
{% endmacro %}

{#- Whether a model, the one that asks by default, computes all of its rows: its table is not there, or is stale. -#}
{% macro is_full(name=none) %}
    {%- if not execute -%}
        {%- do return(false) -%}
    {%- endif -%}
    {%- set name = name or model.name -%}
    {%- set state = build_state() -%}
    {%- if name not in state.full -%}
        {%- do state.full.update({name: flags.FULL_REFRESH or name in state.stale or built(name) is none}) -%}
    {%- endif -%}
    {%- do return(state.full[name]) -%}
{% endmacro %}

{#- Whether a table is in the schema `work`. -#}
{% macro is_in_work(name) %}
    {%- do return(name in build_state().work) -%}
{% endmacro %}

{#- The load days that a model takes, the one that asks by default, as a literal: `load_date = any({{ load_days() }})`
    prunes partitions when it is planned. -#}
{% macro load_days(name=none) -%}
    {%- set state = build_state() -%}
    '{ {{- (state.all_dates if is_full(name) else state.load_dates) | join(',') -}} }'::date[]
{%- endmacro %}

{% macro build_id() -%}
    {{ build_state().build_id }}
{%- endmacro %}
