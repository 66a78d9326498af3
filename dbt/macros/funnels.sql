{#-
    Funnels: who goes through some steps, how far, and how fast. dbt/README.md says how to define one and what each word
    means. `funnel` is the body of a model of runs, a row per person and date of entry; `funnel_steps` is the body of
    a table that counts them.

    A run begins with an event of the first step (in an unordered funnel: of any step). Each later step is the first
    event that fits it, at the same time or later, that the run has not used. So a run follows from its first event and
    from the events within its window.
-#}

{#- One funnel, as the body of a model of its runs. The parameters: dbt/README.md. -#}
{% macro funnel(
    steps, order='ordered', window='7 days', exclusions=[], breakdown=[], attribution='first', name=none, contract=false
) -%}
    {{ funnels([{
        'name': name or model.name, 'steps': steps, 'order': order, 'window': window, 'exclusions': exclusions,
        'breakdown': breakdown, 'attribution': attribution,
    }], contract) }}
{%- endmacro %}

{#-
    Several funnels in one table: `definitions` are mappings of what `funnel` takes.

    The model is configured here: by its scope a person's changed date replaces the entries of the window before it.
-#}
{% macro funnels(definitions, contract=false) -%}
    {%- set conditions, all, told, windows = [], [], [], [] -%}
    {%- for definition in definitions -%}
        {%- set each = read_funnel(definition, conditions) -%}
        {%- do all.append(each) -%}
        {%- do windows.append(each.seconds) -%}
        {%- do told.append({
            'funnel': each.name, 'order': each.order, 'window_days': days_of(each.seconds), 'steps': each.labels,
        }) -%}
    {%- endfor -%}
    {%- set reach = days_of(windows | max) + 1 -%}
    {{ config(
        indexes=[
            {'columns': ['person_id', 'entry_date', 'funnel', 'breakdown', 'breakdown_value'], 'unique': true},
            {'columns': ['entry_date']},
        ],
        contract={'enforced': contract},
        meta={'scope': {'by': 'person_date', 'column': 'entry_date', 'before': reach}, 'funnels': told},
    ) }}
    {{- warn_of_unknown_events(all) }}
    with events as (
        select
            events.person_id,
            events.event_ts,
            events.event_date,
            events.source,
            events.event_id,
            events.is_activity,
            {%- for condition in conditions %}
            coalesce(({{ condition }}), false) as fits_{{ loop.index0 }},
            {%- endfor %}
            {%- for each in all %}
            {%- set outer = loop.index0 %}
            {%- for expression in each.breakdowns.values() %}
            coalesce(({{ expression }})::text, 'unknown') as value_{{ outer }}_{{ loop.index0 }},
            {%- endfor %}
            {%- endfor %}
            {{ "date '-infinity'" if is_full() else 'spans.first_date' }} as span_start,
            {{ "date 'infinity'" if is_full() else 'spans.last_date' }} as span_end
        from {{ events_of_people() }} as events
        {%- if not is_full() %}
        inner join {{ scope_table() }} as spans
            on
                events.person_id = spans.person_id
                and events.event_date >= spans.first_date
                and events.event_date <= spans.last_date + {{ reach }}
        {%- endif %}
        {%- if 'strict' not in (all | map(attribute='order')) %}
        where {% for condition in conditions %}({{ condition }}){{ ' or ' if not loop.last }}{% endfor %}
        {%- endif %}
    ),
    {%- for each in all %}
    {{ funnel_events(each, 'events_' ~ loop.index0) }},
    {{ unordered_runs(each, loop.index0) if each.order == 'unordered' else ordered_runs(each, loop.index0) }},
    {%- endfor %}

    runs as (
        {%- for each in all %}
        select * from runs_{{ loop.index0 }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

    select distinct on (person_id, entry_date, funnel, breakdown, breakdown_value)
        funnel,
        breakdown,
        breakdown_value,
        person_id,
        entry_date,
        entered_at,
        furthest_step,
        is_excluded,
        reached_at,
        step_seconds
    from runs
    order by
        person_id, entry_date, funnel, breakdown, breakdown_value, {{ best_run(told) }}
{%- endmacro %}

{#-
    Which of a person's runs counts: the furthest; of these one without an excluded event, then the one that got there
    first, then the one that was quickest. In an unordered funnel the one that began first: it has all that was done by
    then.
-#}
{% macro best_run(told) -%}
    {%- set unordered = told | selectattr('order', 'equalto', 'unordered') | map(attribute='funnel') | list -%}
    furthest_step desc, is_excluded, reached_at,
    {%- if unordered %}
    case when funnel in ('{{ unordered | join("', '") }}') then entered_at end,
    {%- endif %}
    entered_at desc, step_seconds
{%- endmacro %}

{#- The people's events, with where the user lived and what the user was at that time. -#}
{% macro events_of_people() -%}
    (
        select
            {%- for column in [
                'source', 'event_id', 'person_id', 'user_id', 'anonymous_id', 'event_type', 'event_name', 'event_ts',
                'event_date', 'is_activity', 'platform', 'app_version', 'content_id', 'product_id', 'duration_seconds',
                'amount', 'currency', 'quantity', 'order_id', 'properties', 'language', 'device_type', 'os', 'browser',
                'page_path', 'referrer', 'utm_source', 'utm_medium', 'utm_campaign', 'session_id',
            ] %}
            fact.{{ column }},
            {%- endfor %}
            coalesce(dim_user.country, fact.country) as country,
            dim_user.plan,
            dim_user.acquisition_channel
        from {{ ref('fact_user_events') }} as fact
        left join {{ ref('dim_user') }} as dim_user on fact.user_key = dim_user.user_key
        where not fact.is_bot
    )
{%- endmacro %}

{#- The events of one funnel. `before_n` events that fit condition n happened at an earlier time; this one is `number_n`
    of them; `excluded_n` is when the next that fits happens at a later time. -#}
{% macro funnel_events(each, name) -%}
    {%- set person = 'partition by person_id, span_start' -%}
    {%- set fitting = each.steps | unique | list -%}
    {%- set excluding = each.gaps | reject('none') | unique | list -%}
    {{ name }} as (
        select
            *,
            {%- if each.order == 'strict' %}
            dense_rank() over ({{ person }} order by event_ts) as moment_no,
            {%- endif %}
            {%- for number in fitting %}
            count(*) filter (where fits_{{ number }}) over earlier as before_{{ number }},
            count(*) filter (where fits_{{ number }}) over so_far as number_{{ number }},
            {%- endfor %}
            {%- for number in excluding %}
            min(event_ts) filter (where fits_{{ number }}) over later as excluded_{{ number }},
            {%- endfor %}
            {{ each.seconds }} * interval '1 second' as window_length
        from events
        where {% if each.order == 'strict' %}is_activity or {% endif %}
            {%- for number in fitting + excluding %} fits_{{ number }}{{ ' or' if not loop.last }}{% endfor %}
        window
            so_far as ({{ person }} order by event_ts, source, event_id rows unbounded preceding),
            earlier as (
                {{ person }} order by event_ts
                range between unbounded preceding and '1 microsecond' preceding
            ),
            later as (
                {{ person }} order by event_ts desc
                range between unbounded preceding and '1 microsecond' preceding
            )
    )
{%- endmacro %}

{#- The runs of an ordered or strict funnel: a subquery for each step, which finds it by its number among the events
    that fit it: the lowest above those of earlier moments that no step before has used. -#}
{% macro ordered_runs(each, index) -%}
    {%- set last = each.steps | length -%}
    {%- for condition in each.steps %}
    {%- set step = loop.index -%}
    {%- set later = each.steps[step:] | unique | list %}
    step_{{ index }}_{{ step }} as (
        select
            {%- if step == 1 %}
            hit.person_id,
            hit.span_start,
            hit.event_date as entry_date,
            hit.window_length,
            {%- else %}
            runs.*,
            {%- endif %}
            hit.event_ts as at_{{ step }},
            {%- if step < last %}
            {%- for number in later %}
            {%- set before = "'{}'::bigint[]" if step == 1 else 'runs.used_' ~ (step - 1) ~ '_' ~ number -%}
            {%- set used -%}
            case when hit.fits_{{ number }} then {{ before }} || hit.number_{{ number }} else {{ before }} end
            {%- endset %}
            {{ used }} as used_{{ step }}_{{ number }},
            {%- if number == each.steps[step] %}
            (
                select min(unused.number)
                from generate_series(
                    hit.before_{{ number }} + 1, hit.before_{{ number }} + {{ step + 1 }}
                ) as unused (number)
                where unused.number <> all({{ used }})
            ) as next_{{ step }},
            {%- endif %}
            {%- endfor %}
            {%- if each.gaps[step - 1] is not none %}
            hit.excluded_{{ each.gaps[step - 1] }} as excluded_{{ step }},
            {%- endif %}
            {%- endif %}
            {%- for _ in each.breakdowns %}
            hit.value_{{ index }}_{{ loop.index0 }} as value_{{ step }}_{{ loop.index0 }},
            {%- endfor %}
            {{ 'hit.moment_no' if each.order == 'strict' else '1' }} as moment_{{ step }}
        {%- if step == 1 %}
        from events_{{ index }} as hit
        where hit.fits_{{ condition }} and hit.event_date <= hit.span_end
        {%- else %}
        from step_{{ index }}_{{ step - 1 }} as runs
        left join events_{{ index }} as hit
            on
                runs.person_id = hit.person_id
                and runs.span_start = hit.span_start
                and hit.fits_{{ condition }}
                and hit.number_{{ condition }} = runs.next_{{ step - 1 }}
                and hit.event_ts <= runs.at_1 + runs.window_length
                {%- if each.order == 'strict' %}
                and hit.moment_no <= runs.moment_{{ step - 1 }} + 1
                {%- endif %}
        {%- endif %}
    ),
    {%- endfor %}
    {%- set reached, excluding, moments = [], [], [] %}
    {%- for step in range(1, last + 1) %}
        {%- do moments.append('at_' ~ step) -%}
        {%- if step > 1 -%}
            {%- do reached.append('(at_' ~ step ~ ' is not null)::integer') -%}
        {%- endif -%}
        {%- if step < last and each.gaps[step - 1] is not none -%}
            {#- After an excluded event a run goes one step further, at most: what it would have been. -#}
            {%- do excluding.append(
                'when excluded_' ~ step ~ ' < at_' ~ (step + 1)
                ~ ' or (at_' ~ (step + 1) ~ ' is null and excluded_' ~ step ~ ' <= at_1 + window_length)'
                ~ ' then ' ~ step ~ ' + (at_' ~ (step + 1) ~ ' is not null)::integer'
            ) -%}
        {%- endif -%}
    {%- endfor %}

    measured_{{ index }} as (
        select
            *,
            {{ 'case ' ~ excluding | join(' ') ~ ' end' if excluding else 'null' }}::integer as excluded_step,
            {{ (['1'] + reached) | join(' + ') }} as reached_step
        from step_{{ index }}_{{ last }}
    ),

    runs_{{ index }} as (
        select
            '{{ each.name }}'::text as funnel,
            slices.breakdown,
            slices.breakdown_value,
            person_id,
            entry_date,
            at_1 as entered_at,
            furthest_step,
            excluded_step is not null as is_excluded,
            (array[{{ moments | join(', ') }}])[furthest_step] as reached_at,
            (array[0::numeric
                {%- for moment in moments[1:] %}, extract(epoch from {{ moment }} - at_1){% endfor %}
            ])[:furthest_step] as step_seconds
        from (
            select *, coalesce(excluded_step, reached_step) as furthest_step from measured_{{ index }}
        ) as measured
        cross join lateral (
            values ('all', 'all')
            {%- for breakdown in each.breakdowns %}
            {%- set number = loop.index0 %},
            (
                '{{ breakdown }}',
                {%- if each.attribution == 'first' %}
                value_1_{{ number }}
                {%- elif each.attribution == 'last' %}
                (array[
                    {%- for step in range(1, last + 1) %}
                    value_{{ step }}_{{ number }}{{ ',' if not loop.last }}
                    {%- endfor %}
                ])[furthest_step]
                {%- else %}
                case when furthest_step > {{ each.attribution }} then value_{{ each.attribution + 1 }}_{{ number }} end
                {%- endif %}
            )
            {%- endfor %}
        ) as slices (breakdown, breakdown_value)
        where slices.breakdown_value is not null
    )
{%- endmacro %}

{#- The runs of an unordered funnel: of each event of a step, the steps done from then on. -#}
{% macro unordered_runs(each, index) -%}
    {%- set steps = [] -%}
    {%- for condition in each.steps -%}
        {%- do steps.append({'condition': condition, 'time': each.steps[:loop.index0].count(condition) + 1}) -%}
    {%- endfor %}
    measured_{{ index }} as (
        select
            runs.*,
            array(
                select moment
                from unnest(array[
                    {%- for _ in steps %}step_{{ loop.index }}.event_ts{{ ', ' if not loop.last }}{% endfor -%}
                ]) as moment
                where moment is not null
                order by moment
            ) as moments
        from (
            select
                *,
                {%- if each.gaps[0] is not none %}
                least(event_ts + window_length, excluded_{{ each.gaps[0] }}) as until_ts
                {%- else %}
                event_ts + window_length as until_ts
                {%- endif %}
            from events_{{ index }}
            where
                event_date <= span_end
                and ({% for number in each.steps | unique %}fits_{{ number }}{{ ' or ' if not loop.last }}{% endfor %})
        ) as runs
        {%- for step in steps %}
        left join events_{{ index }} as step_{{ loop.index }}
            on
                runs.person_id = step_{{ loop.index }}.person_id
                and runs.span_start = step_{{ loop.index }}.span_start
                and step_{{ loop.index }}.fits_{{ step.condition }}
                and step_{{ loop.index }}.number_{{ step.condition }}
                = runs.before_{{ step.condition }} + {{ step.time }}
                and step_{{ loop.index }}.event_ts <= runs.until_ts
        {%- endfor %}
    ),

    runs_{{ index }} as (
        select
            '{{ each.name }}'::text as funnel,
            slices.breakdown,
            slices.breakdown_value,
            person_id,
            event_date as entry_date,
            event_ts as entered_at,
            cardinality(moments) as furthest_step,
            false as is_excluded,
            moments[cardinality(moments)] as reached_at,
            array(
                select extract(epoch from moment - event_ts) from unnest(moments) as moment order by moment
            ) as step_seconds
        from measured_{{ index }}
        cross join lateral (
            values ('all', 'all')
            {%- for breakdown in each.breakdowns %},
            ('{{ breakdown }}', value_{{ index }}_{{ loop.index0 }})
            {%- endfor %}
        ) as slices (breakdown, breakdown_value)
    )
{%- endmacro %}
