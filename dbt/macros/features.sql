{#-
    Features: what people use, and who uses how many of them. dbt/README.md, "A feature of your own", says how to define
    one. `features` is the body of a table of uses by person and date, `feature_first_uses` of one of first uses,
    `feature_use` of the counts by period.
-#}

{#-
    definitions: a list; each has a `name`, and `event` (a canonical type, a producer's name, or several of these), `where`
    (a condition over the columns of the fact), or both.

    The model is configured here, so that its first uses know the names.
-#}
{% macro features(definitions, contract=false) -%}
    {%- set conditions, names = [], [] -%}
    {%- for definition in definitions -%}
        {%- do check_feature(definition, names) -%}
        {%- do names.append(definition.name) -%}
        {%- do conditions.append('coalesce((' ~ event_condition(definition, model.name ~ ': ') ~ '), false)') -%}
    {%- endfor -%}
    {%- if not names -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": features() has no definition. Remedy: features([{'name': 'search', 'event': 'search'}])."
        ) }}
    {%- endif -%}
    {{ config(
        indexes=[{'columns': ['person_id', 'feature', 'event_date'], 'unique': true}, {'columns': ['event_date']}],
        contract={'enforced': contract},
        meta={'scope': {'by': 'person_date'}, 'features': names},
    ) }}
    {{- warn_of_unused_features(definitions) }}
    with counted as (
        select
            events.person_id,
            events.event_date,
            {%- for condition in conditions %}
            count(*) filter (where {{ condition }})::integer as uses_{{ loop.index0 }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref('fact_user_events') }} as events
        where
            not events.is_bot
            and events.is_activity
            and {{ in_scope('events.person_id', 'events.event_date') }}
            and ({{ conditions | join(' or ') }})
        group by events.person_id, events.event_date
    )

    select
        counted.person_id,
        counted.event_date,
        features.feature,
        features.uses
    from counted
    cross join lateral (
        values
        {%- for name in names %}
        ('{{ name }}', counted.uses_{{ loop.index0 }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as features (feature, uses)
    where features.uses > 0
    {{ in_order_of('counted.event_date') }}
{%- endmacro %}

{#- Raises for a definition that means nothing; `names` are those before it. -#}
{% macro check_feature(definition, names) %}
    {%- if definition is not mapping or not definition.name
        or not modules.re.match('^[A-Za-z0-9_ ]+$', definition.name | string) -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": the feature " ~ definition ~ " has no name of letters, digits, underscores and spaces. "
            ~ "Remedy: {'name': 'search', 'event': 'search'}."
        ) }}
    {%- elif definition.name in names -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": two features are called " ~ definition.name ~ ". Remedy: give each a name of its own."
        ) }}
    {%- endif -%}
    {%- for key in definition if key not in ('name', 'event', 'where') -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": the feature " ~ definition.name ~ " has a key " ~ key ~ ". Remedy: these are name, event, where."
        ) }}
    {%- endfor -%}
{% endmacro %}

{#- Warns, when a definition is new, of each of its events that nobody did so far. No error: they may still come. -#}
{% macro warn_of_unused_features(definitions) -%}
    {%- if execute and is_full() and built('fact_user_events') is not none -%}
        {%- for definition in definitions -%}
            {%- for name in event_names(definition) -%}
                {%- if not is_sent(name, 'is_activity') -%}
                    {%- do exceptions.warn(
                        model.name ~ ": the feature " ~ definition.name ~ " is made of '" ~ name ~ "', which nobody has done "
                        ~ "so far. Remedy: look at the names in core.fact_user_events (event_type, event_name, and "
                        ~ "is_activity, for what a server sends is no use), unless it is still to come."
                    ) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- One row per person and feature: the first date on which the person used it. `days` is the name of a model whose body
    is `features`. Only the beginning of a person's use is looked up: a long history costs no more. -#}
{% macro feature_first_uses(days, contract=false) -%}
    {{ config(
        indexes=[{'columns': ['person_id', 'feature'], 'unique': true}],
        contract={'enforced': contract},
        meta={'scope': {'by': 'keys', 'of': days, 'columns': {'person_id': 'person_id', 'feature': 'feature'}}},
    ) }}
    {%- if is_full() %}
    select
        person_id,
        feature,
        min(event_date) as first_date
    from {{ ref(days) }}
    group by person_id, feature
    {%- else %}
    select
        changed.person_id,
        changed.feature,
        firsts.event_date as first_date
    from {{ scope_table() }} as changed
    cross join lateral (
        select days.event_date
        from {{ ref(days) }} as days
        where days.person_id = changed.person_id and days.feature = changed.feature
        order by days.event_date
        limit 1
    ) as firsts
    {%- endif %}
{%- endmacro %}

{#- One row per period, its first date, and feature, or number of features (`breadth`): who used it, and how often.
    `days` is the `ref` of a model whose body is `features`. -#}
{% macro feature_use(days, contract=false) -%}
    {{ config(
        indexes=[{'columns': ['period', 'period_start', 'feature', 'breadth'], 'unique': true}],
        contract={'enforced': contract},
        meta={'scope': {'by': 'periods'}},
    ) }}
    with people as (
        select
            periods.period,
            periods.period_start,
            days.feature,
            days.person_id,
            sum(days.uses) as uses
        from {{ days }} as days
        {{ periods_in_scope('days.event_date') }}
        group by periods.period, periods.period_start, days.feature, days.person_id
    ),

    breadths as (
        select
            period,
            period_start,
            person_id,
            count(*)::integer as breadth,
            sum(uses) as uses
        from people
        group by period, period_start, person_id
    ),

    -- How many people used it so often. These rows are few: a median of them takes no sort of all people.
    counts as (
        select
            period,
            period_start,
            feature,
            0 as breadth,
            uses,
            count(*) as people
        from people
        group by period, period_start, feature, uses
        union all
        select
            period,
            period_start,
            '(any)' as feature,
            breadth,
            uses,
            count(*) as people
        from breadths
        group by period, period_start, breadth, uses
    ),

    ranked as (
        select
            *,
            sum(people) over (
                partition by period, period_start, feature, breadth order by uses
            ) >= 0.5 * sum(people) over (partition by period, period_start, feature, breadth) as is_upper_half
        from counts
    )

    select
        period,
        period_start,
        feature,
        breadth,
        sum(people)::bigint as people,
        sum(people * uses)::bigint as uses,
        min(uses) filter (where is_upper_half) as median_uses
    from ranked
    group by period, period_start, feature, breadth
{%- endmacro %}
