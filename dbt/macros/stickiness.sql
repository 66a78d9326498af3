{#-
    On how many days, weeks or months of a range people did something: a histogram. How to use it, what the parameters
    mean and what comes out: dbt/README.md, "A stickiness of your own".
-#}
{% macro stickiness(
    event='activity', every='day', length=1, within=['week', 'month'], first=none, last=none, at_least=none,
    at_most=none, entity='person_id'
) -%}
    {%- set wrong = [] -%}
    {%- if every not in ('hour', 'day', 'week', 'month') -%}
        {%- do wrong.append("every='" ~ every ~ "' is none of hour, day, week, month") -%}
    {%- endif -%}
    {%- if (first is none) != (last is none) or (first is not none and last is not none and first > last) -%}
        {%- do wrong.append("the range from " ~ first ~ " to " ~ last ~ " is none") -%}
    {%- endif -%}
    {%- for number in [length, at_least or 1] + ([at_most] if at_most is not none else []) -%}
        {%- if number is not integer or number < 1 -%}
            {%- do wrong.append(number ~ " is no number of 1 or more") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set ranges = ['range'] if first is not none else within -%}
    {%- for range in ranges if range not in ('range', 'week', 'month') or range == every -%}
        {%- do wrong.append("within='" ~ range ~ "' is none of week, month, or every='" ~ every ~ "' itself") -%}
    {%- endfor -%}
    {%- if every in ('week', 'month') and first is none or length != 1 and first is none -%}
        {%- do wrong.append("every='" ~ every ~ "', length=" ~ length ~ " needs a range: first and last") -%}
    {%- endif -%}
    {%- if wrong -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ": stickiness(): " ~ (wrong | join('; ')) ~ ". Remedy: see dbt/README.md, A stickiness of your own."
        ) }}
    {%- endif -%}
    {{- warn_of_unknown_event(event) -}}
    {%- set own_start = "date_trunc('hour', event_ts at time zone '" ~ reporting_timezone() ~ "')" if every == 'hour'
        else start_of(every, 'event_date') -%}
    {%- set range_first, range_last = "date '" ~ first ~ "'", "date '" ~ last ~ "'" -%}
    {%- set range_start = {'range': range_first, 'week': week_of('event_date'), 'month': month_of('event_date')} -%}
    {%- set first_start = start_of(every, range_first) if every != 'hour' else '(' ~ range_first ~ ')::timestamp' -%}
    {%- set last_hour = '(' ~ range_last ~ " + interval '23 hours')" -%}
    {%- set last_start = start_of(every, range_last) if every != 'hour' else last_hour %}
    with the_last as (
        select max(event_date) as event_date from {{ ref('active_dates') }}
    ),

    -- The periods of each range, numbered from its start.
    counted as (
        {%- for range in ranges %}
        select
            '{{ range }}' as within,
            {{ range_start[range] }} as range_start,
            ({{ property_or_sql(entity) }})::text as entity,
            {%- if range == 'range' %}
            {{ periods_between(every, first_start, own_start) }} / {{ length }} as period_no
            {%- else %}
            {{ own_start }} - {{ range_start[range] }} as period_no -- of days and hours, which are no longer
            {%- endif %}
        from {{ ref('fact_user_events') }}
        where
            not is_bot
            and {{ chosen_event(event) }}
            and ({{ property_or_sql(entity) }}) is not null
            {%- if range == 'range' %}
            and event_date between date '{{ first }}' and date '{{ last }}'
            {%- endif %}
        group by 1, 2, 3, 4
        having count(*) >= {{ at_least or 1 }}{{ ' and count(*) <= ' ~ at_most if at_most is not none }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    per_entity as (
        select within, range_start, entity, count(*)::integer as active_periods
        from counted
        group by within, range_start, entity
    ),

    ranges as (
        {%- for range in ranges %}
        {%- if range == 'range' %}
        select
            'range' as within,
            date '{{ first }}' as range_start,
            date '{{ last }}' as range_end,
            {{ periods_between(every, first_start, last_start) }} / {{ length }} + 1 as bars
        {%- else %}
        {%- set hours = 24 if every == 'hour' else 1 %}
        select
            '{{ range }}' as within,
            {{ range_start[range] }} as range_start,
            ({{ range_start[range] }} + interval '1 {{ range }}')::date - 1 as range_end,
            (({{ range_start[range] }} + interval '1 {{ range }}')::date - {{ range_start[range] }}) * {{ hours }} as bars
        from {{ ref('active_dates') }}
        group by 2, 3, 4
        {%- endif %}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    bars as (
        select
            ranges.within,
            ranges.range_start,
            ranges.range_end,
            numbers.active_periods,
            count(per_entity.entity) as people
        from ranges
        cross join lateral generate_series(1, ranges.bars) as numbers (active_periods)
        left join per_entity
            on
                ranges.within = per_entity.within
                and ranges.range_start = per_entity.range_start
                and numbers.active_periods = per_entity.active_periods
        group by ranges.within, ranges.range_start, ranges.range_end, numbers.active_periods
    )

    select
        bars.within,
        bars.range_start,
        bars.range_end,
        bars.active_periods,
        bars.people,
        (sum(bars.people) over (
            partition by bars.within, bars.range_start
            order by bars.active_periods desc
        ))::bigint as people_at_least,
        round(
            bars.people / nullif(sum(bars.people) over (partition by bars.within, bars.range_start), 0), 4
        ) as share,
        bars.range_end <= the_last.event_date as is_complete
    from bars
    cross join the_last
{%- endmacro %}
