{#-
    A model says once, in `meta.scope`, by what its rows are replaced; the rest follows from that: what is deleted, what
    is computed, what the data tests look at. docs: dbt/README.md.

    The keys of a build are what upstream models really changed and logged (macros/change_log.sql). They are settled
    before the model runs, in the table `work.scope__<model>`.
-#}

{#- What each kind of scope is made of. The names are those of the columns of `work.scope__<model>`. -#}
{% macro scope_kinds() %}
    {%- do return({
        'load_date': ['load_date'],
        'event_date': ['event_date'],
        'event_week': ['week_start'],
        'event_month': ['month_start'],
        'person_id': ['person_id'],
        'person_date': ['person_id', 'event_date'],
        'person_week': ['person_id', 'week_start'],
        'person_month': ['person_id', 'month_start'],
        'user_id': ['user_id'],
        'product_id': ['product_id'],
        'content_id': ['content_id'],
        'creator_id': ['creator_id'],
        'periods': ['period', 'period_start'],
        'keys': [],
        'all': [],
        'arrivals': ['event_id', 'source'],
        'sightings': ['anonymous_id'],
        'extracts': ['source', 'extract_of', 'load_date'],
        'session_window': [],
    }) -%}
{% endmacro %}

{#-
    The scope of a model, by its node.
    by: one of `scope_kinds`. keys: the columns of its scope table. columns: the model's own columns for them.
    before, after: days, weeks or months around each. of: the model whose keys they are, for `keys`.
    It is kept with the node: a build asks a thousand times.
-#}
{% macro scope_of(node) %}
    {%- if 'scope_of' in node -%}
        {%- do return(node['scope_of']) -%}
    {%- endif -%}
    {%- set scope = node.config.meta.scope -%}
    {%- if not scope or scope.by not in scope_kinds() -%}
        {{ exceptions.raise_compiler_error(
            node.name ~ ": its meta.scope is " ~ scope ~ ". Remedy: say by what its rows are replaced, such as "
            ~ "{'by': 'event_date', 'column': 'sale_date'}; `by` is one of " ~ (scope_kinds() | join(', ')) ~ '.'
        ) }}
    {%- endif -%}
    {%- set keys = scope_kinds()[scope.by] if scope.by != 'keys' else scope.columns.values() | list -%}
    {%- set columns = scope.columns.keys() | list if scope.by == 'keys' else [] -%}
    {%- if scope.by != 'keys' -%}
        {%- for key in keys -%}
            {%- do columns.append(scope.column if scope.column and loop.last else key) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do node.update({'scope_of': {
        'by': scope.by, 'keys': keys, 'columns': columns, 'of': scope.of,
        'before': scope.before or 0, 'after': scope.after or 0,
    }}) -%}
    {%- do return(node['scope_of']) -%}
{% endmacro %}

{#- The expression by which rows of a model give a key, or none. `meta.keys` says it where no column is named so. -#}
{% macro key_of(node, key) %}
    {%- set scope = scope_of(node) -%}
    {%- set own = node.config.meta.get('keys') or {} -%}
    {%- if key in own -%}
        {%- do return(own[key]) -%}
    {%- elif key in scope['keys'] and scope.by not in ('keys', 'load_date') -%}
        {%- do return(scope.columns[scope['keys'].index(key)]) -%}
    {%- elif key in node.columns -%}
        {%- do return(key) -%}
    {%- elif key in ('week_start', 'month_start') and key_of(node, 'event_date') -%}
        {%- set date = key_of(node, 'event_date') -%}
        {%- do return(week_of(date) if key == 'week_start' else month_of(date)) -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}

{#- Whether a model holds versions of a thing (SCD2), or the things themselves. -#}
{% macro is_dimension(node) %}
    {%- set scope = node.config.meta.scope or {} -%}
    {%- do return(
        node.name.startswith('dim_') and scope.by in ('user_id', 'product_id', 'content_id', 'creator_id')
    ) -%}
{% endmacro %}

{#- The upstream models that log what they change, of a model. -#}
{% macro logging_parents(node) %}
    {%- set found = [] -%}
    {%- for id in node.depends_on.nodes
        if id in graph.nodes and graph.nodes[id].config.materialized == 'incremental' -%}
        {%- do found.append(graph.nodes[id]) -%}
    {%- endfor -%}
    {%- do return(found) -%}
{% endmacro %}

{#-
    What a model wants to know of the changes of another that it reads: the name of the log and its columns, each an
    expression over the other's rows; none where it need not know. Raises for a scope that would miss changes.
-#}
{% macro facet(node, parent) %}
    {%- set facets = memory_of(node).setdefault('facets', {}) -%}
    {%- if parent.name not in facets -%}
        {%- do facets.update({parent.name: facet_of(node, parent)}) -%}
    {%- endif -%}
    {%- do return(facets[parent.name]) -%}
{% endmacro %}

{% macro facet_of(node, parent) %}
    {%- set scope = scope_of(node) -%}
    {%- if scope.by in ('arrivals', 'sightings') -%}
        {%- if is_dimension(parent) -%}
            {%- do return({'name': 'since', 'thing': scope_of(parent)['keys'][0]}) -%}
        {%- elif scope_of(parent).by == 'sightings' -%}
            {%- do return({'name': 'owner', 'columns': {
                'anonymous_id': 'anonymous_id', 'after_ts': 'min(after_ts)', 'until_ts': 'max(until_ts)',
            }}) -%}
        {%- endif -%}
        {%- do return({'name': 'event', 'columns': {'event_id': 'event_id', 'source': 'source'}}) -%}
    {%- elif scope.by == 'session_window' -%}
        {%- do return({'name': 'span', 'columns': {
            'person_id': 'person_id', 'producer_session_id': producer_session_id(), 'event_date': 'event_date',
            'first_ts': 'min(event_ts)', 'last_ts': 'max(event_ts)',
        }}) -%}
    {%- elif scope.by in ('all', 'load_date') -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- if scope.by == 'periods' and key_of(parent, 'event_date') -%}
        {%- do return({'name': 'event_date', 'columns': {'event_date': key_of(parent, 'event_date')}}) -%}
    {%- endif -%}
    {%- if scope.by == 'keys' and parent.name == scope.of -%}
        {%- for key in scope['keys'] -%}
            {%- do columns.update({key: key}) -%}
        {%- endfor -%}
        {%- do return({'name': scope['keys'] | join('_'), 'columns': columns}) -%}
    {%- endif -%}
    {%- for key in scope['keys'] if scope.by != 'keys' -%}
        {%- do columns.update({key: key_of(parent, key)}) -%}
    {%- endfor -%}
    {%- if columns and none not in columns.values() -%}
        {%- do return({'name': scope.by, 'columns': columns}) -%}
    {%- endif -%}
    {%- if columns.get('person_id') and not is_dimension(parent) -%}
        {#- It knows the person, but no period: a change of it concerns all that the person has. -#}
        {%- do return({'name': 'person_id', 'columns': {'person_id': columns.person_id}}) -%}
    {%- endif -%}
    {%- if is_dimension(parent) -%}
        {#- A row that points to a version logs itself when the version changes (macros/change_log.sql). -#}
        {%- set key = parent.name.removeprefix('dim_') ~ '_key' -%}
        {%- for other in logging_parents(node) if key in other.columns and other.name != parent.name -%}
            {%- do return(none) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        node.name ~ ": its scope is by " ~ scope.by ~ ", but " ~ parent.name ~ ", which it reads, does not say by its "
        ~ "columns which of these keys its rows belong to. Remedy: give it such a column, or `meta.keys` an expression "
        ~ "for it; join a dimension only by the key of a fact; or choose the scope 'all', if the table is small."
    ) }}
{% endmacro %}

{#- Raises for a model whose scope or grain is missing, or would miss a change. -#}
{% macro check_scopes() %}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.config.materialized == 'incremental' -%}
        {%- do scope_of(node) -%}
        {%- do grain_of(node) -%}
        {%- for parent in logging_parents(node) -%}
            {%- do facet(node, parent) -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}

{% macro scope_table(name=none) -%}
    work.scope__{{ name or model.name }}
{%- endmacro %}

{#-
    Whether a row belongs to the keys that this build computes anew; true when it computes all of them. The arguments
    are the expressions for the keys of the scope, in the order of `scope_kinds`.
-#}
{% macro in_scope() -%}
    {%- set everything = not execute or is_full() -%}
    {%- set scope = {'by': 'all'} if everything else scope_of(model) -%}
    {%- if scope.by == 'all' -%}
        true
    {%- elif scope.by == 'load_date' -%}
        {{ varargs[0] }} = any({{ load_days() }})
    {%- else -%}
        ({{ varargs | join(', ') }}) in (select {{ scope['keys'] | join(', ') }} from {{ scope_table() }})
    {%- endif -%}
{%- endmacro %}

{#- For a scope by `event_date`: whether a date lies between its first and its last, or up to `before` days before them.
    It adds nothing to what a join says; but it bounds what is read, however long the history is. -#}
{% macro near_scope(date, before=0) -%}
    {%- if not execute or is_full() -%}
        true
    {%- else -%}
        {{ date }} >= (select min(event_date) from {{ scope_table() }}) - {{ before }}
            and {{ date }} <= (select max(event_date) from {{ scope_table() }})
    {%- endif -%}
{%- endmacro %}

{#- Which rows of a model's table the build replaces, as a join and a condition. The windows and spans of a person are
    disjoint, so that a row is joined once. -#}
{% macro replaced_rows(node, alias) %}
    {%- set scope = scope_of(node) -%}
    {%- set table = scope_table(node.name) -%}
    {%- set columns = [] -%}
    {%- for column in scope.columns -%}
        {%- do columns.append(alias ~ '.' ~ column) -%}
    {%- endfor -%}
    {%- set join, condition = '', 'true' -%}
    {%- if scope.by in ('load_date', 'arrivals') -%}
        {%- set condition = alias ~ '.load_date = any(' ~ load_days(node.name) ~ ')' -%}
    {%- elif scope.by == 'session_window' -%}
        {%- set join -%}
        inner join {{ table }} as windows
            on
                {{ alias }}.person_id = windows.person_id
                and {{ alias }}.producer_session_id = windows.producer_session_id
                and {{ alias }}.session_date = windows.event_date
                and {{ alias }}.started_at between windows.window_start and windows.window_end
        {%- endset -%}
    {%- elif (scope.before or scope.after) and 'person_id' in scope['keys'] -%}
        {%- set join -%}
        inner join {{ table }} as spans
            on {{ columns[0] }} = spans.person_id and {{ columns[1] }} between spans.first_date and spans.last_date
        {%- endset -%}
    {%- elif scope.by != 'all' -%}
        {%- set condition -%}
        ({{ columns | join(', ') }}) in (select {{ scope['keys'] | join(', ') }} from {{ table }})
        {%- endset -%}
    {%- endif -%}
    {%- do return({'join': join, 'condition': condition}) -%}
{%- endmacro %}

{#- Queries for the keys that changed in the models that the model reads. -#}
{% macro changes_in_scope() %}
    {%- set changes = [] -%}
    {%- for parent in logging_parents(model) if execute -%}
        {%- set wanted = facet(graph.nodes[model.unique_id], parent) -%}
        {%- if wanted and wanted.columns and wanted.name != 'owner' and is_in_work(log_name(parent, wanted)) -%}
            {%- if wanted.name == 'person_id' and scope_of(model)['keys'] | length > 1 -%}
                {%- do changes.extend(all_of_persons(changes_of(parent, wanted))) -%}
            {%- else -%}
                {%- do changes.append(changes_of(parent, wanted)) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(changes) -%}
{% endmacro %}

{#- Queries for all keys of some persons: those of the model's rows as they are, and of the rows that it is made of. -#}
{% macro all_of_persons(persons) %}
    {%- set scope = scope_of(model) -%}
    {%- set found = [] -%}
    {%- for node in [model] + logging_parents(model) -%}
        {%- set period = scope.columns[1] if loop.first else key_of(node, scope['keys'][1]) -%}
        {%- if period and key_of(node, 'person_id') -%}
            {%- do found.append(
                'select ' ~ key_of(node, 'person_id') ~ ' as person_id, ' ~ period ~ ' as ' ~ scope['keys'][1]
                ~ ' from ' ~ (this if loop.first else built(node.name))
                ~ ' where ' ~ key_of(node, 'person_id') ~ ' in (select person_id from (' ~ persons ~ ') as changed)'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(found) -%}
{% endmacro %}

{#- SQL that settles the keys that this build computes anew, of all the model's upstream models. -#}
{% macro settle_scope() %}
    {%- set scope = scope_of(model) -%}
    {%- if scope.by not in ('all', 'load_date') %}
    {%- set changes = changes_in_scope() -%}
    {%- set table = scope_table() %}
    {%- do build_state().work.update({'scope__' ~ model.name: scope['keys']}) %}
    drop table if exists {{ table }};
    create unlogged table {{ table }} as
    {%- if scope.by == 'session_window' %}
    {{ session_windows(changes) }}
    {%- elif scope.by == 'arrivals' %}
    {{ events_to_settle(changes) }}
    {%- elif scope.by == 'sightings' %}
    {{ visitors_to_settle() }}
    {%- elif scope.by == 'extracts' %}
    {{ extracts_to_settle() }}
    {%- elif not changes %}
    {#- Nothing upstream has ever logged a change: typed like the model's own columns, and empty. #}
    select
        {%- for key in scope['keys'] %}
        {{ scope.columns[loop.index0] }} as {{ key }}{{ ',' if not loop.last }}
        {%- endfor %}
        {%- if (scope.before or scope.after) and 'person_id' in scope['keys'] %},
        null::date as first_date,
        null::date as last_date
        {%- endif %}
    from {{ this }}
    where false
    {%- elif (scope.before or scope.after) and 'person_id' in scope['keys'] %}
    {{ person_spans(changes, scope.before, scope.after) }}
    {%- elif scope.by == 'periods' %}
    select distinct
        periods.period,
        periods.period_start
    from ({{ changes | join(' union ') }}) as changed
    {{ periods_of('changed.event_date') }}
    {%- elif scope.before or scope.after %}
    {%- set key, period = scope['keys'][0], scope.by | replace('event_', '') | replace('date', 'day') %}
    select distinct (changed.{{ key }} + shifts.periods * interval '1 {{ period }}')::date as {{ key }}
    from ({{ changes | join(' union ') }}) as changed
    cross join generate_series(-{{ scope.before }}, {{ scope.after }}) as shifts (periods)
    {%- else %}
    {#- Each key once: the log of a build that failed, and that of the next one, may have the same. #}
    select distinct {{ scope['keys'] | join(', ') }} from ({{ changes | join(' union all ') }}) as changed
    {%- endif %};
    analyze {{ table }};
    {%- endif -%}
{% endmacro %}

{#-
    Per person, changed dates and the days `before` and `after` each, merged into disjoint spans: no date is handled
    twice.
-#}
{% macro person_spans(changes, before, after=0) -%}
    select
        person_id,
        min(event_date) - {{ before }} as first_date,
        max(event_date) + {{ after }} as last_date
    from (
        select
            person_id,
            event_date,
            count(*) filter (where is_new) over (partition by person_id order by event_date) as span_no
        from (
            select
                person_id,
                event_date,
                (
                    event_date - lag(event_date) over (partition by person_id order by event_date) > {{ before + after }}
                ) is not false as is_new
            from ({{ changes | join(' union ') }}) as changed
        ) as begun
    ) as numbered
    group by person_id, span_no
{%- endmacro %}
