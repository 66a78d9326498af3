{#-
    What an incremental model changes, it logs by key, in the transaction of the change: `work.log__<model>__<facet>`,
    a table for each set of keys that a downstream scope wants. Rows of builds that failed stay until one succeeds, so
    that nothing which changed is forgotten. Rows that come back identical are not logged: there change stops spreading.
-#}

{% macro log_name(node, wanted) -%}
    {%- set name = 'log__' ~ node.name ~ '__' ~ wanted.name -%}
    {%- if name | length > 63 -%}
        {{ exceptions.raise_compiler_error(
            name ~ ' is longer than 63 characters. Remedy: a shorter name for the model.'
        ) }}
    {%- endif -%}
    {%- do return(name) -%}
{%- endmacro %}

{#- A query for the keys that a model changed since the last build that succeeded. A row without a key has none. -#}
{% macro changes_of(parent, wanted) -%}
    select
        {%- for name in wanted.columns %}
        {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from work.{{ log_name(parent, wanted) }}
    where
        build_id > {{ build_state().last_succeeded }}
        {%- for name in plain_columns(wanted) %}
        and {{ name }} is not null
        {%- endfor %}
{%- endmacro %}

{#- Of the columns of a log, those by which its rows are grouped: name to expression. The others sum a group up. -#}
{% macro plain_columns(wanted) %}
    {%- set plain = {} -%}
    {%- for name, expression in wanted.columns.items() if expression[:4] not in ('min(', 'max(') -%}
        {%- do plain.update({name: expression}) -%}
    {%- endfor -%}
    {%- do return(plain) -%}
{% endmacro %}

{#- Whether a log has all that another wants, in more detail: the other can be summed up from it. -#}
{% macro says_all_of(finer, wanted) %}
    {%- for name, expression in plain_columns(wanted).items() if plain_columns(finer).get(name) != expression -%}
        {%- do return(false) -%}
    {%- endfor -%}
    {%- do return(plain_columns(wanted) | length == wanted.columns | length) -%}
{% endmacro %}

{#- The logs that the models downstream of a model want of it, each once; those with the most columns come first. -#}
{% macro wanted_facets(node) %}
    {%- set memory = memory_of(node) -%}
    {%- if 'wanted_facets' in memory -%}
        {%- do return(memory.wanted_facets) -%}
    {%- endif -%}
    {%- set found = {} -%}
    {%- for other in graph.nodes.values()
        if other.resource_type == 'model' and other.config.materialized == 'incremental'
        and node.unique_id in other.depends_on.nodes -%}
        {%- set wanted = facet(other, node) -%}
        {%- if wanted -%}
            {%- do found.update({wanted.name: wanted}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if 'since' in found -%}
        {%- do found.update({'version': {'name': 'version', 'thing': found['since'].thing}}) -%}
    {%- endif -%}
    {%- set sorted = [] -%}
    {%- set sizes = found.values() | map(attribute='columns', default={}) | map('length') | unique -%}
    {%- for size in sizes | sort(reverse=true) -%}
        {%- for wanted in found.values() if (wanted.columns or {}) | length == size -%}
            {%- do sorted.append(wanted) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do memory.update({'wanted_facets': sorted}) -%}
    {%- do return(sorted) -%}
{% endmacro %}

{#-
    SQL that logs. Relations with the model's `columns`: `gone` are the rows that were deleted, `fresh` those that were
    inserted; `before` are all that stood in the scope: what came back identical may point to another version of a dimension.
-#}
{% macro log_changes(columns, gone, fresh, before) %}
    {%- set touched = touched_condition() -%}
    {%- set logged = [] -%}
    {%- for wanted in wanted_facets(graph.nodes[model.unique_id]) %}
    {%- set log = 'work.' ~ log_name(model, wanted) %}
    {%- if wanted.thing %}
    {%- set names = [wanted.thing, 'since'] if wanted.name == 'since' else [wanted.thing | replace('_id', '_key')] %}
    {%- set changed = changed_moments(wanted.thing, gone, fresh) if wanted.name == 'since'
        else changed_versions(wanted.thing, gone, fresh) %}
    {%- else %}
    {%- set names = wanted.columns | list %}
    {%- set finer = namespace(log=none) -%}
    {%- for other in logged if says_all_of(other, wanted) -%}
        {%- set finer.log = 'work.' ~ log_name(model, other) -%}
    {%- endfor -%}
    {%- set changed -%}
        {%- if finer.log %}
        select distinct {{ names | join(', ') }} from {{ finer.log }} where build_id = {{ build_id() }}
        {%- else %}
        select
            {%- for name, expression in wanted.columns.items() %}
            {{ expression }} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            {%- for side in [fresh, gone] %}
            select {{ columns }} from {{ side }}
            {{ 'union all' if not loop.last }}
            {%- endfor %}
            {%- if touched %}
            union all
            select {{ columns }} from {{ before }} as pointing where {{ touched }}
            {%- endif %}
        ) as rows
        group by {{ plain_columns(wanted).values() | join(', ') }}
        {%- endif %}
    {%- endset %}
    {%- do logged.append(wanted) -%}
    {%- endif %}
    {#- Of other columns: who reads it has another definition now, and is computed anew. -#}
    {%- if build_state().work.get(log_name(model, wanted), ['build_id'] + names) != ['build_id'] + names %}
    drop table {{ log }};
    {%- endif %}
    {%- do build_state().work.update({log_name(model, wanted): ['build_id'] + names}) %}
    create table if not exists {{ log }} as
    select 0::bigint as build_id, changed.* from ({{ changed }}) as changed where false;
    delete from {{ log }} where build_id <= {{ build_state().last_succeeded }};
    insert into {{ log }} (build_id, {{ names | join(', ') }})
    select {{ build_id() }}, changed.* from ({{ changed }}) as changed;
    {%- endfor %}
{% endmacro %}

{#- Whether a row points to a version of a dimension that this build changed, whatever the row itself says. -#}
{% macro touched_condition() %}
    {%- set conditions = [] -%}
    {%- for thing in ['user', 'product', 'content'] if thing ~ '_key' in model.columns and not is_dimension(model) -%}
        {%- set log = 'log__dim_' ~ thing ~ '__version' -%}
        {%- if is_in_work(log) -%}
            {%- do conditions.append(
                'pointing.' ~ thing ~ '_key in (select ' ~ thing ~ '_key from work.' ~ log
                ~ ' where build_id > ' ~ build_state().last_succeeded ~ ')'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return('(' ~ conditions | join(' or ') ~ ')' if conditions else none) -%}
{% endmacro %}

{#-
    Per thing, the first moment at which another version holds than before, or one that says something else: the history
    of a thing is a step function of time, and two of them differ first where a step begins or ends in one of them only.
-#}
{% macro changed_moments(thing, gone, fresh) -%}
    select {{ thing }}, min(since) as since
    from (
        {{ only_in_one(step_columns(thing), gone, fresh) }}
    ) as steps
    group by {{ thing }}
{%- endmacro %}

{% macro step_columns(thing) %}
    {%- set attributes = [] -%}
    {%- set others = [thing, thing | replace('_id', '_key'), 'valid_from', 'valid_to', 'is_current'] -%}
    {%- for name in model.columns if name not in others -%}
        {%- do attributes.append(name) -%}
    {%- endfor -%}
    {%- do return(attributes) -%}
{% endmacro %}

{% macro only_in_one(attributes, gone, fresh) -%}
    {%- set thing = scope_of(model)['keys'][0] -%}
    {%- set starts = thing ~ ', valid_from as since, row(' ~ attributes | join(', ') ~ ')::text as attributes' -%}
    {%- set ends = thing ~ ', valid_to as since, null as attributes' -%}
    {%- for columns in [starts, ends] %}
        {%- for one, other in [(gone, fresh), (fresh, gone)] %}
        (
            select {{ columns }} from {{ one }} as one where {{ thing }} is not null
            except
            select {{ columns }} from {{ other }} as other
        )
        {{ 'union all' if not loop.last }}
        {%- endfor %}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The versions that are there now and were not, or say something else than they did; when they end says nothing. -#}
{% macro changed_versions(thing, gone, fresh) -%}
    {%- set key = thing | replace('_id', '_key') -%}
    {%- set columns = key ~ ', row(' ~ step_columns(thing) | join(', ') ~ ')::text as attributes' -%}
    select distinct {{ key }}
    from (
        select {{ columns }} from {{ fresh }} as one
        except
        select {{ columns }} from {{ gone }} as other
    ) as changed
{%- endmacro %}
