{#-
    Experiments: who saw which variant first, what they did in the time after it, and the sums that results are computed of.
    How to define one, what the parameters mean and what comes out: dbt/README.md, "An experiment of your own".
-#}

{#-
    The condition under which a row of `fact_user_events` is an event that a metric names: {event: …, where: …}, in which
    `event` is a canonical type, a producer's name, or a list of these.
-#}
{% macro experiment_event(what) -%}
    {%- set names = [what.event] if what.event is string else (what.event or []) -%}
    {%- if not names -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": " ~ what ~ " names no event. Remedy: {'event': 'purchase'}, and with it, if wanted, "
            ~ "'where', a condition over the columns of fact_user_events, and 'value', what is added up."
        ) }}
    {%- endif -%}
    (
        {%- for name in names -%}
        '{{ name | replace("'", "''") }}' in (event_type, event_name){{ ' or ' if not loop.last }}
        {%- endfor -%}
    ){% if what.where %} and ({{ what.where }}){% endif %}
{%- endmacro %}

{#- The exposures of a person on a date, of each experiment and variant the first. -#}
{% macro exposures(sources) -%}
    select
        person_id,
        event_date,
        experiment,
        variant,
        min(event_ts) as exposed_at
    from (
        {%- for source in sources %}
        select
            person_id,
            event_date,
            event_ts,
            {{ source.experiment }} as experiment,
            {{ source.variant }} as variant
        from {{ ref('fact_user_events') }}
        where {{ experiment_event(source) }} and not is_bot and {{ in_scope('person_id', 'event_date') }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as seen
    where experiment is not null and variant is not null
    group by person_id, event_date, experiment, variant
{%- endmacro %}

{#- How many dates a time such as '14 days', '36 hours' or '2 weeks' reaches at most. One more than it says: a date may
    have 23 hours. -#}
{% macro days_reached(time, name) -%}
    {%- set told = modules.re.match('^([0-9]+) (hour|day|week)s?$', time | string) -%}
    {%- if not told -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": " ~ name ~ "='" ~ time ~ "' is no time. Remedy: a whole number of hours, days or weeks, such "
            ~ "as '14 days'."
        ) }}
    {%- endif -%}
    {%- set hours = (told.group(1) | int) * {'hour': 1, 'day': 24, 'week': 168}[told.group(2)] -%}
    {{ (hours + 23) // 24 + 1 }}
{%- endmacro %}

{#- Raises for what cannot be an experiment, by name. -#}
{% macro check_experiment(name, control, metrics, weights, reach, reach_before, alternative, alpha) -%}
    {%- if execute -%}
        {%- set problems = [] -%}
        {%- if not name or not control -%}
            {%- do problems.append("needs the name of an experiment and of its control variant") -%}
        {%- endif -%}
        {%- if weights and control not in weights -%}
            {%- do problems.append("has no weight for its control '" ~ control ~ "'") -%}
        {%- endif -%}
        {%- if not metrics -%}
            {%- do problems.append("has no metrics") -%}
        {%- endif -%}
        {%- for metric in metrics -%}
            {%- if not metric.name or metric.kind not in ('conversion', 'mean', 'ratio') -%}
                {%- do problems.append(
                    "has a metric " ~ metric ~ " without a name, or whose kind is not conversion, mean or ratio"
                ) -%}
            {%- elif (metric.kind == 'ratio') != ('denominator' in metric) -%}
                {%- do problems.append(
                    "has a metric '" ~ metric.name ~ "': a ratio has a denominator, and no other kind has one"
                ) -%}
            {%- elif metric.get('alternative', alternative) not in ('two_sided', 'greater', 'less') -%}
                {%- do problems.append("has an alternative that is not two_sided, greater or less") -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if not 0 < alpha < 0.5 -%}
            {%- do problems.append("has alpha=" ~ alpha ~ ", which does not lie between 0 and 0.5") -%}
        {%- endif -%}
        {%- set scope = model.config.meta.scope or {} -%}
        {%- if scope.by == 'person_date' and ((scope.before or 0) < reach or (scope.after or 0) < reach_before) -%}
            {%- do problems.append(
                "looks " ~ reach ~ " dates ahead and " ~ reach_before ~ " back: its scope must say 'before': " ~ reach
                ~ " and 'after': " ~ reach_before ~ ", or more"
            ) -%}
        {%- endif -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ ": the experiment '" ~ name ~ "' " ~ problems | join('; it ') ~ '. Remedy: dbt/README.md.'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The sum of a metric's part over the events of a person's window: `side` is a condition over their time. -#}
{% macro metric_sum(part, kind, side) -%}
    {%- set counted = experiment_event(part) ~ ' and ' ~ side -%}
    {%- set total = 'coalesce(sum(' ~ part.get('value', '1') ~ ') filter (where ' ~ counted ~ '), 0)::numeric' -%}
    {%- if kind == 'conversion' %}least({{ total }}, 1)
    {%- elif part.cap is defined %}least({{ total }}, {{ part.cap }})
    {%- else %}{{ total }}
    {%- endif -%}
{%- endmacro %}

{#- An experiment: for each person who was exposed, and each metric, what was done in the time after, and before. -#}
{% macro experiment(
    name, control, metrics, window='14 days', before=none, weights=none, alternative='two_sided', alpha=0.05,
    expected_people=5000
) -%}
    {%- set reach = days_reached(window, 'window') | int -%}
    {%- set reach_before = days_reached(before, 'before') | int if before else 0 -%}
    {{- check_experiment(name, control, metrics, weights, reach, reach_before, alternative, alpha) -}}
    {%- set after = "event_ts >= exposed.exposed_at" -%}
    {%- set earlier = "event_ts < exposed.exposed_at" -%}
    select
        exposed.person_id,
        exposed.exposure_date,
        exposed.experiment,
        metrics.metric,
        exposed.variant,
        exposed.variants,
        metrics.kind,
        exposed.variant = '{{ control }}' as is_control,
        {%- if weights %}
        case exposed.variant
            {%- for variant, weight in weights.items() %}
            when '{{ variant }}' then {{ weight }}
            {%- endfor %}
            else 0
        end::numeric as weight,
        {{ weights.values() | sum }}::numeric as all_weights,
        {%- else %}
        1::numeric as weight,
        null::numeric as all_weights,
        {%- endif %}
        {{ reach - 1 }} as window_days,
        metrics.alternative,
        {{ alpha }}::numeric as alpha,
        {{ expected_people }}::numeric as expected_people,
        metrics.numerator,
        metrics.denominator,
        metrics.pre_numerator,
        metrics.pre_denominator
    from {{ ref('fact_assignments') }} as exposed
    {%- if not is_full() %}
    inner join {{ scope_table() }} as spans
        on
            exposed.person_id = spans.person_id
            and exposed.exposure_date between spans.first_date and spans.last_date
    {%- endif %}
    cross join lateral (
        select
            {%- for metric in metrics %}
            {%- set numerator = metric.get('numerator', metric) %}
            {{ metric_sum(numerator, metric.kind, after) }} as numerator_{{ loop.index }},
            {{ metric_sum(metric.denominator, metric.kind, after) if metric.kind == 'ratio' else 'null::numeric' }}
                as denominator_{{ loop.index }},
            {{ metric_sum(numerator, metric.kind, earlier) if before else 'null::numeric' }}
                as pre_numerator_{{ loop.index }},
            {{ metric_sum(metric.denominator, metric.kind, earlier) if before and metric.kind == 'ratio'
                else 'null::numeric' }} as pre_denominator_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref('fact_user_events') }} as events
        where
            events.person_id = exposed.person_id
            and events.event_date >= exposed.exposure_date - {{ reach_before }}
            and events.event_date <= exposed.exposure_date + {{ reach }}
            and events.event_ts >= exposed.exposed_at{{ " - interval '" ~ before ~ "'" if before }}
            and events.event_ts <= exposed.exposed_at + interval '{{ window }}'
            and not events.is_bot
    ) as sums
    cross join lateral (
        values
        {%- for metric in metrics %}
        (
            '{{ metric.name }}', '{{ metric.kind }}', '{{ metric.get('alternative', alternative) }}',
            sums.numerator_{{ loop.index }}, sums.denominator_{{ loop.index }}, sums.pre_numerator_{{ loop.index }},
            sums.pre_denominator_{{ loop.index }}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as metrics (metric, kind, alternative, numerator, denominator, pre_numerator, pre_denominator)
    where exposed.experiment = '{{ name }}'
{%- endmacro %}

{#- The four numbers that a metric has for a person, in the order in which their products are named. -#}
{% macro experiment_parts() -%}
    numerator,denominator,pre_numerator,pre_denominator
{%- endmacro %}

{#- The names of the sums over people that results are computed of: of each number, of its square, and of products. -#}
{% macro experiment_sums() -%}
    {%- set parts = experiment_parts().split(',') -%}
    {%- for part in parts -%}
        {{ part }}_sum,{{ part }}_squares{{ ',' if not loop.last }}
    {%- endfor -%}
    {%- for part in parts -%}
        {%- for other in parts[loop.index:] -%}
        ,{{ part }}_{{ other }}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- The sums over people, by experiment, metric, variant and the date of exposure, of models that call `experiment`. -#}
{% macro experiment_statistics(models) -%}
    {%- set settings = 'kind, is_control, weight, all_weights, window_days, alternative, alpha, expected_people' -%}
    {%- set parts = experiment_parts().split(',') -%}
    select
        exposure_date,
        experiment,
        metric,
        variant,
        {{ settings }},
        count(*) filter (where variants = 1) as people,
        count(*) filter (where variants > 1) as people_in_two_arms,
        {%- for part in parts %}
        sum({{ part }}) filter (where variants = 1) as {{ part }}_sum,
        sum({{ part }} * {{ part }}) filter (where variants = 1) as {{ part }}_squares,
        {%- endfor %}
        {%- for part in parts %}
        {%- set last = loop.revindex == 2 %}
        {%- for other in parts[loop.index:] %}
        sum({{ part }} * {{ other }}) filter (where variants = 1) as {{ part }}_{{ other }}{{ ',' if not (last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from (
        {%- for each in models %}
        select * from {{ ref(each) }} where {{ in_scope('exposure_date') }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as people
    group by exposure_date, experiment, metric, variant, {{ settings }}
{%- endmacro %}
