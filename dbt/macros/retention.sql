{#-
    Retention of chosen events: who did `start`, and who of them came back to do `back`. How to use it, what the
    parameters mean and what comes out: dbt/README.md, "A retention of your own".
-#}

{#-
    The condition under which a row of `fact_user_events` is the event that is meant.
    what: `activity`, a canonical type or a producer's name of an event, or {event: …, where: a condition over the columns
    of the fact}. conditions: whether `where` counts.
-#}
{% macro chosen_event(what, conditions=true) -%}
    {%- set told = {'event': what} if what is string else (what or {}) -%}
    {%- if not told.event or told.event is not string -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": " ~ what ~ " names no event. Remedy: give a canonical type such as 'purchase', the producer's "
            ~ "name of an event, 'activity', or a mapping such as {'event': 'purchase', 'where': 'amount > 10'}."
        ) }}
    {%- endif -%}
    {%- set name = "'" ~ (told.event | replace("'", "''")) ~ "'" -%}
    ({{ 'is_activity' if told.event == 'activity' else name ~ ' in (event_type, event_name)' }}
    {%- if conditions and told.where %} and ({{ told.where }}){% endif %})
{%- endmacro %}

{#- Whether somebody has sent an event of this type or producer's name, of those for which `condition` holds. -#}
{% macro is_sent(name, condition='true') %}
    {%- set quoted = "'" ~ name | replace("'", "''") ~ "'" -%}
    {%- do return(run_query(
        'select exists (select from ' ~ built('fact_user_events') ~ ' where ' ~ condition ~ ' and (event_type = ' ~ quoted
        ~ ' or event_name = ' ~ quoted ~ '))'
    ).rows[0][0]) -%}
{% endmacro %}

{#- Warns of an event that nobody has sent so far. No error: the first such event may come with the next load day. -#}
{% macro warn_of_unknown_event(what) -%}
    {%- set name = what if what is string else (what or {}).event -%}
    {%- if execute and name and name != 'activity' and flags.WHICH in ('run', 'build', 'compile')
        and built('fact_user_events') is not none -%}
        {%- if not is_sent(name) -%}
            {%- do exceptions.warn(
                model.name ~ ": nobody has sent an event '" ~ name ~ "' so far. Remedy: look at the names in "
                ~ "core.fact_user_events (event_type, event_name), unless it is still to come."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- A name as an expression over the fact: `properties.org` is that property; anything else is SQL already. -#}
{% macro property_or_sql(name) -%}
    {%- if modules.re.match('^properties\\.\\w+$', name) -%}
    (properties ->> '{{ name.split('.')[1] }}')
    {%- else -%}
    {{ name }}
    {%- endif -%}
{%- endmacro %}

{#- The name of the column in which a breakdown stands, and its expression over the fact and `dim_user`. -#}
{% macro breakdown_name(breakdown) -%}
    {{ (breakdown if breakdown is string else breakdown.name) | replace('properties.', '') }}
{%- endmacro %}

{% macro breakdown_sql(breakdown) -%}
    {%- set of_users = {
        'country': 'coalesce(dim_user.country, fact.country)',
        'plan': 'dim_user.plan',
        'channel': 'dim_user.acquisition_channel',
    } -%}
    {%- if breakdown is not string -%}
    {{ breakdown.sql }}
    {%- elif breakdown in of_users -%}
    {{ of_users[breakdown] }}
    {%- else -%}
    fact.{{ property_or_sql(breakdown) if not breakdown.startswith('properties.') else
        "properties ->> '" ~ breakdown.split('.')[1] ~ "'" }}
    {%- endif -%}
{%- endmacro %}

{#- Raises for a breakdown that is no column of the events or their users. -#}
{% macro check_breakdowns(breakdowns) -%}
    {%- if breakdowns is string or breakdowns is mapping -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": breakdowns=" ~ breakdowns ~ " is no list. Remedy: breakdowns=['country']."
        ) }}
    {%- endif -%}
    {%- for breakdown in breakdowns if execute -%}
        {%- set known = (node_of('fact_user_events').columns | list) + ['plan', 'channel'] -%}
        {%- if breakdown is string and breakdown not in known and not breakdown.startswith('properties.')
            or breakdown is not string and not (breakdown.name and breakdown.sql) -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ ": the breakdown " ~ breakdown ~ " is unknown. Remedy: one of plan, channel, the columns of "
                ~ "fact_user_events, a property such as 'properties.theme', or {'name': 'size', 'sql': an expression}."
            ) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#-
    One row per person, entity and date on which one of the two events happened; what `retention` counts. As a table of the
    scope `person_date` it makes a day's build cost what happened on that day.
-#}
{% macro retention_days(start='activity', back=none, breakdowns=[], entity='person_id', scoped=true, hours=false) -%}
    {%- set back = back or start -%}
    {{- check_breakdowns(breakdowns) -}}
    {{- warn_of_unknown_event(start) -}}
    {{- warn_of_unknown_event(back) if back != start -}}
    {%- set hour = "date_trunc('hour', event_ts at time zone '" ~ reporting_timezone() ~ "')" %}
    select
        fact.person_id,
        fact.entity,
        fact.event_date,
        {%- if hours %}
        fact.event_hour,
        {%- endif %}
        min(fact.event_ts) filter (where fact.is_occurrence) as first_occurrence_ts,
        min(fact.event_ts) filter (where fact.is_start) as first_start_ts,
        min(fact.event_ts) filter (where fact.is_back) as first_back_ts,
        max(fact.event_ts) filter (where fact.is_back) as last_back_ts
        {%- for breakdown in breakdowns %},
        (
            array_agg(
                coalesce(({{ breakdown_sql(breakdown) }})::text, 'unknown')
                order by fact.event_ts, fact.source, fact.event_id
            ) filter (where fact.is_start)
        )[1] as {{ breakdown_name(breakdown) }}
        {%- endfor %}
    from (
        select
            *,
            {{ hour ~ ' as event_hour,' if hours }}
            ({{ property_or_sql(entity) }})::text as entity,
            {{ chosen_event(start, conditions=false) }} as is_occurrence,
            {{ chosen_event(start) }} as is_start,
            {{ chosen_event(back) }} as is_back
        from {{ ref('fact_user_events') }}
        where
            not is_bot
            and ({{ chosen_event(start, conditions=false) }} or {{ chosen_event(back) }})
            {%- if scoped %}
            and {{ in_scope('person_id', 'event_date') }}
            {%- endif %}
    ) as fact
    left join {{ ref('dim_user') }} as dim_user on fact.user_key = dim_user.user_key
    where fact.entity is not null
    group by fact.person_id, fact.entity, fact.event_date {{- ', fact.event_hour' if hours }}
{%- endmacro %}

{#- How many days, weeks, months or hours lie between the starts of two of them. -#}
{% macro periods_between(period, first, last) -%}
    {%- if period == 'day' -%} ({{ last }} - {{ first }})
    {%- elif period == 'week' -%} (({{ last }} - {{ first }}) / 7)
    {%- elif period == 'hour' -%} (extract(epoch from {{ last }} - {{ first }}) / 3600)::integer
    {%- else -%}
    (
        (extract(year from {{ last }}) - extract(year from {{ first }})) * 12
        + extract(month from {{ last }}) - extract(month from {{ first }})
    )::integer
    {%- endif -%}
{%- endmacro %}

{#- Raises for parameters that mean nothing. -#}
{% macro check_retention(kind, periods, horizon, brackets) -%}
    {%- set wrong = [] -%}
    {%- if kind not in ('recurring', 'first_time', 'first_ever') -%}
        {%- do wrong.append("kind='" ~ kind ~ "' is none of recurring, first_time, first_ever") -%}
    {%- endif -%}
    {%- if periods is string or not periods -%}
        {%- do wrong.append("periods=" ~ periods ~ " is no list of periods such as ['day', 'week']") -%}
    {%- else -%}
        {%- for period in periods if period not in ('hour', 'day', 'week', 'month') -%}
            {%- do wrong.append("the period '" ~ period ~ "' is none of hour, day, week, month") -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for size in ([horizon] if horizon is not mapping else horizon.values()) if size is not none -%}
        {%- if size is not integer or size < 1 -%}
            {%- do wrong.append("horizon=" ~ horizon ~ " is no number of periods, 1 or more") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if brackets is not none and (brackets is not sequence or brackets is string or not brackets
        or brackets | reject('integer') | list or (brackets | select('integer') | list | min) < 1) -%}
        {%- do wrong.append("brackets=" ~ brackets ~ " is no list of numbers of periods such as [1, 3, 7]") -%}
    {%- endif -%}
    {%- if wrong -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": retention(): " ~ (wrong | join('; ')) ~ ". Remedy: see dbt/README.md, A retention of your own."
        ) }}
    {%- endif -%}
{%- endmacro %}

{#-
    See dbt/README.md, "A retention of your own". `days`: a table made by `retention_days`, instead of the events.
    `firsts`: where that is known already, a relation with the row of `days` at which each enters for the first time, and the
    last date of each.
-#}
{% macro retention(
    start='activity', back=none, periods=['day', 'week', 'month'], kind='recurring', brackets=none, breakdowns=[],
    entity='person_id', rolling=false, horizon=none, days=none,
    firsts=none
) -%}
    {{- check_retention(kind, periods, horizon, brackets) -}}
    {{- check_breakdowns(breakdowns) -}}
    {%- set hours = 'hour' in periods -%}
    {%- set longest = {'hour': 48, 'day': 60, 'week': 26, 'month': 24} -%}
    {%- set window_hours = {'hour': 1, 'day': 24, 'week': 168, 'month': 720} -%}
    {%- set moment = 'timestamp' if hours else 'date' -%}
    {%- set once = kind != 'recurring' or rolling -%}
    {#- A table is read as often as it is asked for, and only what is asked of it; events are counted once. #}
    with days as {{ 'not materialized ' if days }}(
        {% if days -%}
        select * from {{ days }}
        {%- else -%}
        {{ retention_days(start, back, breakdowns, entity, scoped=false, hours=hours) }}
        {%- endif %}
    ),

    {% if once -%}
    -- Where each enters, once: at the first start ever, or not at all where that is no start as it is asked for.
    firsts as (
        {%- if firsts %}
        select * from {{ firsts }}
        {%- else %}
        select *
        from (
            select distinct on (entity) *
            from days
            {%- set first = 'first_occurrence_ts' if kind == 'first_ever' else 'first_start_ts' %}
            where {{ first }} is not null
            order by entity, {{ first }}, first_start_ts, person_id
        ) as entered
        where first_start_ts = {{ first }}
        {%- endif %}
    ),

    {% endif -%}
    the_last as (
        select max(event_date) as event_date from {{ ref('active_dates') }}
    )

    {%- for period in periods %},

    {%- set size = horizon.get(period) if horizon is mapping else horizon -%}
    {%- set cells_at_most = brackets | sum if brackets else (size or longest[period]) -%}
    {%- set own_start = 'event_hour' if period == 'hour' else start_of(period, 'event_date') %}

    {{ period }}_members as materialized (
        select
            *,
            row_number() over () as member_no
        from (
            select {{ '' if once else 'distinct on (entity, ' ~ own_start ~ ')' }}
                entity,
                {{ own_start }} as cohort_start,
                first_start_ts
                {{- ',\n                last_date' if firsts }}
                {%- for breakdown in breakdowns %},
                {{ breakdown_name(breakdown) }}
                {%- endfor %}
            from {{ 'firsts' if once else 'days' }}
            where first_start_ts is not null
            {{ '' if once else 'order by entity, ' ~ own_start ~ ', first_start_ts, person_id' }}
        ) as entered
    ),

    {{ period }}_backs as (
        select
            members.member_no,
            {%- if rolling %}
            floor(
                extract(epoch from backs.back_ts - members.first_start_ts)
                / {{ window_hours[period] * 3600 }}
            )::integer as number
            {%- else %}
            {{ periods_between(period, 'members.cohort_start', 'backs.active_start') }} as number
            {%- endif %}
        from {{ period }}_members as members
        inner join (
            {%- if rolling %}
            select
                entity,
                unnest(array[first_back_ts, last_back_ts]) as back_ts
            from days
        ) as backs on members.entity = backs.entity and members.first_start_ts < backs.back_ts
            {%- else %}
            select {{ 'distinct' if not once }}
                entity,
                {{ own_start }} as active_start
            from days
            where first_back_ts is not null
        ) as backs on members.entity = backs.entity and members.cohort_start < backs.active_start
            {%- endif %}
    ),

    {{ period }}_hits as (
        select distinct
            member_no,
            {%- if brackets %}
            case
                {%- for size in brackets %}
                when number <= {{ brackets[:loop.index] | sum }} then {{ loop.index }}
                {%- endfor %}
            end as cell
            {%- else %}
            number as cell
            {%- endif %}
        from {{ period }}_backs
        where number between 1 and {{ cells_at_most }}
    ),

    -- The last cell in which each came back; what lies behind the last column counts as that.
    {{ period }}_lasts as (
        {%- if brackets %}
        select
            member_no,
            max(cell) as cell
        from {{ period }}_hits
        group by member_no
        {%- elif firsts %}
        {%- set last_start = start_of(period, 'last_date') %}
        select
            member_no,
            least({{ periods_between(period, 'cohort_start', last_start) }}, {{ cells_at_most }}) as cell
        from {{ period }}_members
        where cohort_start < {{ last_start }}
        {%- elif once %}
        select
            member_no,
            least(max(number), {{ cells_at_most }}) as cell
        from {{ period }}_backs
        group by member_no
        {%- else %}
        select
            members.member_no,
            least({{ periods_between(period, 'members.cohort_start', 'lasts.active_start') }}, {{ cells_at_most }}) as cell
        from {{ period }}_members as members
        inner join (
            select
                entity,
                max({{ own_start }}) as active_start
            from days
            where first_back_ts is not null
            group by entity
        ) as lasts on members.entity = lasts.entity and members.cohort_start < lasts.active_start
        {%- endif %}
    ),

    -- A branch for each dimension: who asks for one of them does not wait for the others.
    {{ period }}_slices as (
        select
            'all' as dimension,
            'all' as breakdown,
            cohort_start,
            member_no
        from {{ period }}_members
        {%- for breakdown in breakdowns %}
        union all
        select
            '{{ breakdown_name(breakdown) }}' as dimension,
            {{ breakdown_name(breakdown) }} as breakdown,
            cohort_start,
            member_no
        from {{ period }}_members
        {%- endfor %}
    ),

    -- A cohort with the cells in which its people were, and those in which they were last, each person's, in order. How
    -- many are not behind a cell is then found by halving (width_bucket). A join of cells by value would look at each count
    -- for each cell: how many rows there are is not known when the query is planned.
    {{ period }}_cohorts as (
        select
            slices.dimension,
            slices.breakdown,
            slices.cohort_start,
            count(*) filter (where told.cell = 0 and told.is_hit) as cohort_people,
            array_agg(told.cell order by told.cell) filter (where told.is_hit) as hits,
            array_agg(told.cell order by told.cell) filter (where not told.is_hit) as lasts
        from {{ period }}_slices as slices
        inner join (
            select member_no, cell, true as is_hit from {{ period }}_hits
            union all
            select member_no, cell, false as is_hit from {{ period }}_lasts
            union all
            select member_no, 0 as cell, true as is_hit from {{ period }}_members
        ) as told on slices.member_no = told.member_no
        group by slices.cohort_start, slices.dimension, slices.breakdown
    ),

    {{ period }}_cells as (
        select
            cohorts.dimension,
            cohorts.breakdown,
            cohorts.cohort_start,
            columns.*,
            cohorts.cohort_people,
            (width_bucket(columns.cell, cohorts.hits) - width_bucket(columns.cell - 1, cohorts.hits))::bigint as people,
            case
                when columns.cell = 0 then cohorts.cohort_people
                else coalesce(cardinality(cohorts.lasts) - width_bucket(columns.cell - 1, cohorts.lasts), 0)
            end as people_on_or_after,
            columns.cell = 0 or cohorts.cohort_start
            {%- if rolling %}
            -- The last of the cohort may have begun at the end of its period.
            + interval '1 {{ period }}' + (columns.last_number + 1) * interval '{{ window_hours[period] }} hours'
            {%- else %}
            + (columns.last_number + 1) * interval '1 {{ period }}'
            {%- endif %} <= the_last.event_date + 1 as is_complete
        from {{ period }}_cohorts as cohorts
        cross join the_last
        inner join (
            {%- if brackets %}
            values
            (0, 0, 0)
            {%- for size in brackets %},
            ({{ loop.index }}, {{ (brackets[:loop.index0] | sum) + 1 }}, {{ brackets[:loop.index] | sum }})
            {%- endfor %}
            {%- else %}
            select number, number, number from generate_series(0, {{ cells_at_most }}) as numbers (number)
            {%- endif %}
        ) as columns (cell, first_number, last_number)
            on cohorts.cohort_start + columns.first_number * interval '1 {{ period }}' < the_last.event_date + 1
    )

    {%- endfor %}

    {% for period in periods -%}
    select
        '{{ period }}' as period,
        dimension,
        breakdown,
        cohort_start::{{ moment }} as cohort_start,
        cell as period_number,
        first_number,
        last_number,
        cohort_people,
        case when is_complete then people end as people,
        case when is_complete then round(people::numeric / cohort_people, 4) end as retention,
        case when is_complete then people_on_or_after::bigint end as people_on_or_after,
        case when is_complete then round(people_on_or_after::numeric / cohort_people, 4) end as retention_on_or_after
    from {{ period }}_cells
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
