{#-
    What decides the meaning of a table has a hash: its SQL, the macros that it calls, the variables and settings that
    these name, its contract, and everything upstream. `ops.model_definition` holds the hash of now beside the one that
    the table was built by. Where they differ, the model is computed anew, and so is what follows from it.
-#}

{#- The digest of code as tokens: comments and the space between tokens mean nothing. -#}
{% macro code_digest(code) %}
    {%- set tokens = modules.re.findall(
        "('(?:[^']|'')*'|\"[^\"]*\"|[\\w.$]+|[^\\w\\s])", modules.re.sub(
            "(?s)('(?:[^']|'')*'|\"[^\"\\n]*\")|\\{#.*?#\\}|/\\*.*?\\*/|--[^\\n]*", "\\1",
            modules.re.sub("(?<=\\{[%{])-|-(?=[%}]\\})", "", code)
        )
    ) -%}
    {%- do return(local_md5(tokens | join(' '))) -%}
{% endmacro %}

{#- The variables and settings that code names, each with the digest of its value. -#}
{% macro named_in(code) %}
    {%- set parts = {} -%}
    {%- for name in modules.re.findall("\\bvar\\(\\s*['\"](\\w+)", code) -%}
        {%- do parts.update({'the variable ' ~ name: local_md5(tojson(var(name) | string))}) -%}
    {%- endfor -%}
    {%- for name, default in modules.re.findall("\\benv_var\\(\\s*'(\\w+)',\\s*'([^']*)'", code) -%}
        {%- do parts.update({'the setting ' ~ name: local_md5(env_var(name, default))}) -%}
    {%- endfor -%}
    {%- do return(parts) -%}
{% endmacro %}

{#- Adds what the macros of this project say that some macros call, and they themselves, to `parts`. Not those of hooks:
    they say nothing of what a row means. `known` holds it by macro: many models call the same ones. -#}
{% macro add_macros(ids, parts, known) %}
    {%- set hooks = ['index_where_present', 'plan_rebuilds', 'record_built'] -%}
    {%- set ids = ids | list -%}
    {%- for id in ids if id.startswith('macro.' ~ project_name ~ '.') -%}
        {%- set name = id.split('.')[2] -%}
        {%- if name not in hooks and 'the macro ' ~ name not in parts -%}
            {%- set called = context[name].macro -%}
            {%- if name not in known -%}
                {%- set said = named_in(called.macro_sql) -%}
                {%- do said.update({'the macro ' ~ name: code_digest(called.macro_sql)}) -%}
                {%- do known.update({name: said}) -%}
            {%- endif -%}
            {%- do parts.update(known[name]) -%}
            {%- do ids.extend(called.depends_on.macros) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{#- Adds the definition of a model, and of everything upstream, to `found`: by name its node, hash and parts. -#}
{% macro add_definition(node, found, known) %}
    {%- if node.name not in found -%}
        {%- set columns, never_null = {}, never_null(node) -%}
        {%- for column in node.columns.values() -%}
            {%- do columns.update({column.name: column.data_type ~ (' not null' if column.name in never_null)}) -%}
        {%- endfor -%}
        {%- set parts = {
            'its SQL': code_digest(node.raw_code),
            'its contract': local_md5(tojson([columns, checks(node)], sort_keys=true)),
            'its configuration': local_md5(tojson(
                {'materialized': node.config.materialized, 'indexes': node.config.get('indexes'), 'meta': node.config.get('meta')},
                sort_keys=true
            )),
        } -%}
        {%- do parts.update(named_in(node.raw_code)) -%}
        {%- do add_macros(node.depends_on.macros, parts, known) -%}
        {%- if node.config.meta.get('cell_people', 'none') != 'none' -%}
            {%- do parts.update({'the setting HIDE_CELLS_BELOW': local_md5(hide_cells_below() | string)}) -%}
        {%- endif -%}
        {%- for parent in node.depends_on.nodes
            if parent in graph.nodes and graph.nodes[parent].name != 'work_build' -%}
            {%- do add_definition(graph.nodes[parent], found, known) -%}
            {%- set name = graph.nodes[parent].name -%}
            {%- do parts.update({'its upstream ' ~ name: found[name].definition}) -%}
        {%- endfor -%}
        {%- do found.update(
            {node.name: {'node': node, 'definition': local_md5(tojson(parts, sort_keys=true)), 'parts': parts}}
        ) -%}
    {%- endif -%}
{% endmacro %}

{#- The definitions of all models but `work_build`, which is made in every build. -#}
{% macro definitions() %}
    {%- set found, known = {}, {} -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- do add_definition(node, found, known) -%}
    {%- endfor -%}
    {%- do found.pop('work_build', none) -%}
    {%- do return(found) -%}
{% endmacro %}

{#- The models of which something stands upon one of `names`, and these themselves. -#}
{% macro with_descendants(names) %}
    {%- set found = names | list -%}
    {%- for _ in graph.nodes.values() -%}
        {%- set before = found | length -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name not in found -%}
            {%- for parent in node.depends_on.nodes if parent in graph.nodes and graph.nodes[parent].name in found -%}
                {%- if loop.first -%}
                    {%- do found.append(node.name) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if found | length == before -%}
            {%- break -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(found) -%}
{% endmacro %}

{#- SQL: the definitions of now. Also at deploy, by `dbt run-operation record_definitions`, so that `ops` can tell what
    the next build will compute anew. -#}
{% macro definitions_sql() -%}
    {%- set all = definitions() -%}
    insert into ops.model_definition (model, relation, definition, parts)
    values
    {%- for name, each in all.items() %}
    ('{{ name }}', '{{ each.node.schema }}.{{ each.node.alias }}', '{{ each.definition }}', '{{ tojson(each.parts) }}')
    {{- ',' if not loop.last }}
    {%- endfor %}
    on conflict (model) do update
    set relation = excluded.relation, definition = excluded.definition, parts = excluded.parts;
    {{ drop_left_behind(all) }}
    delete from ops.model_definition where model not in ('{{ all | join("', '") }}');
{%- endmacro %}

{#-
    SQL: drops what models have left behind that are no more, and what is in `work` and nobody reads any more. A table that
    something else stands upon, such as a view that somebody made, stays; a warning names it.
-#}
{% macro drop_left_behind(all) -%}
    {%- set used, relations = ['work_build'], [] -%}
    {%- for each in all.values() -%}
        {%- do relations.append(each.node.schema ~ '.' ~ each.node.alias) -%}
        {%- if each.node.config.materialized == 'incremental' -%}
            {%- do used.append('scope__' ~ each.node.name) -%}
            {%- for wanted in wanted_facets(each.node) -%}
                {%- do used.append(log_name(each.node, wanted)) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    do $$
    declare
        gone record;
    begin
        for gone in
            select
                relation.oid::regclass as name,
                case relation.relkind when 'v' then 'view' else 'table' end as kind
            from pg_class as relation
            where
                relation.relkind in ('r', 'v')
                and (
                    (
                        relation.relnamespace = to_regnamespace('work')
                        and relation.relname not in ('{{ used | join("', '") }}')
                    )
                    or relation.oid in (
                        select to_regclass(model_definition.relation)
                        from ops.model_definition
                        where model_definition.relation not in ('{{ relations | join("', '") }}')
                    )
                )
            order by relation.relkind desc
        loop
            begin
                execute format('drop %s %s', gone.kind, gone.name);
            exception when dependent_objects_still_exist then
                raise warning '% belongs to no model any more, but something stands upon it: it stays', gone.name;
            end;
        end loop;
    end
    $$;
{%- endmacro %}

{% macro record_definitions() %}
    {%- call statement('record_definitions', auto_begin=True) -%}
        {{ definitions_sql() }}
        commit;
    {%- endcall -%}
{% endmacro %}

{#-
    SQL of `work_build`, before it settles what the build works on: what is stale, for good until it is built.
    A table that is not there makes stale what looks at it or stands upon it.
-#}
{% macro plan_rebuilds() %}
    {%- if execute -%}
        {%- set missing = [] -%}
        {%- do check_scopes() -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- for name in [node.name] + modules.re.findall("\\bbuilt\\('(\\w+)'\\)", node.raw_code or '')
                if name != 'work_build' and built(name) is none -%}
                {%- do missing.append(node.name) -%}
            {%- endfor -%}
        {%- endfor -%}
        {{ definitions_sql() }}
        {%- if missing %}
        update ops.model_definition set built_definition = null, stale_because = 'a table is not there'
        where model in ('{{ with_descendants(missing) | join("', '") }}');
        {%- endif %}
        {%- if flags.FULL_REFRESH %}
        update ops.model_definition set built_definition = null, stale_because = 'dbt was called with --full-refresh';
        {%- endif %}
        update ops.model_definition
        set
            built_definition = null,
            stale_because = case when build.is_full then 'asked for' else 'most days are new' end
        from ops.build
        where
            build.status = 'running'
            and coalesce(model_definition.build_id, 0) < build.build_id
            and (
                build.is_full
                or (
                    cardinality(build.load_dates) >= 28
                    and cardinality(build.load_dates) * 2 >= (
                        select count(*)
                        from ops.load_day
                        where load_day.built_version is not null or load_day.claimed_by = build.build_id
                    )
                )
            );
    {%- endif -%}
{% endmacro %}

{#- Post-hook of every model: in the transaction that computed all of its rows, statistics of them, that it did, and that
    all that stands upon it has to follow. -#}
{% macro record_built() %}
    {%- if execute and (model.config.materialized == 'view' or is_full()) -%}
        {%- set following = [] -%}
        {%- if model.config.materialized != 'view' %}
        {%- do following.extend(with_descendants([model.name]) | reject('equalto', model.name)) %}
        analyze {{ this }};
        {%- endif %}
        {%- if following %}
        -- Models that end at the same time have descendants in common: each locks the rows in the same order.
        select model from ops.model_definition
        where model in ('{{ ([model.name] + following) | join("', '") }}')
        order by model
        for update;
        {%- endif %}
        update ops.model_definition
        set
            built_definition = definition,
            built_parts = parts,
            built_at = default,
            build_id = (select build.build_id from ops.build where build.status = 'running'),
            stale_because = null
        where model = '{{ model.name }}';
        {%- if following %}
        {%- do build_state().stale.extend(following) %}
        update ops.model_definition
        set built_definition = null, stale_because = coalesce(stale_because, 'its upstream {{ model.name }} was computed anew')
        where model in ('{{ following | join("', '") }}');
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
