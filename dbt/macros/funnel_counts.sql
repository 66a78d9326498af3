{#-
    The counts of a model of runs, as the body of a table: per funnel, breakdown, period and step.

    periods: of `day`, `week`, `month` and `all`; with `all`, the whole table is computed in each build.
    first_date, last_date: of the entries that count.
-#}
{% macro funnel_steps(runs, periods=['day', 'week', 'month'], first_date=none, last_date=none, contract=false) -%}
    {{ config(
        indexes=[{
            'columns': ['funnel', 'breakdown', 'breakdown_value', 'period', 'period_start', 'step'], 'unique': true,
        }],
        contract={'enforced': contract},
        meta={'scope': {'by': 'all' if 'all' in periods else 'periods'}},
    ) }}
    {{- funnel_counts(runs, periods, first_date, last_date) }}
{%- endmacro %}

{#- The same as a query, which a view can have: see `funnel_steps`. -#}
{% macro funnel_counts(runs, periods, first_date=none, last_date=none) -%}
    {%- set told = funnels_of(runs) -%}
    with runs as (
        select
            runs.*,
            periods.period,
            periods.period_start
        from {{ runs }} as runs
        {%- if 'all' in periods %}
        {{ periods_of('runs.entry_date', periods) }}
        {%- else %}
        {{ periods_in_scope('runs.entry_date', periods) }}
        {%- endif %}
        where
            true
            {%- if first_date %}
            and runs.entry_date >= date '{{ first_date }}'
            {%- endif %}
            {%- if last_date %}
            and runs.entry_date <= date '{{ last_date }}'
            {%- endif %}
    ),

    -- A person counts once in a period, by the best run. Whoever did what is excluded does not count.
    people as (
        select distinct on (funnel, breakdown, breakdown_value, period, period_start, person_id)
            funnel,
            breakdown,
            breakdown_value,
            period,
            period_start,
            is_excluded,
            entry_date,
            step_seconds
        from runs
        order by funnel, breakdown, breakdown_value, period, period_start, person_id, {{ best_run(told) }}
    ),

    entered as (
        select
            funnel,
            breakdown,
            breakdown_value,
            period,
            period_start,
            max(entry_date) as last_entry_date
        from people
        where not is_excluded
        group by funnel, breakdown, breakdown_value, period, period_start
    ),

    steps (funnel, step, step_name, window_days) as (
        values
        {%- for each in told %}
        {%- set outer = loop %}
        {%- for label in each.steps %}
        ('{{ each.funnel }}', {{ loop.index }}, '{{ label | replace("'", "''") }}', {{ each.window_days }})
        {{- ',' if not (loop.last and outer.last) }}
        {%- endfor %}
        {%- else %}
        (null, null, null, null)
        {%- endfor %}
    ),

    counted as (
        select
            people.funnel,
            people.breakdown,
            people.breakdown_value,
            people.period,
            people.period_start,
            reached.step,
            count(*) as people,
            avg(people.step_seconds[reached.step]) as mean_from_first,
            avg(people.step_seconds[reached.step] - people.step_seconds[reached.step - 1]) as mean_from_previous,
            percentile_cont(array[0.25, 0.5, 0.75, 0.9]) within group (
                order by people.step_seconds[reached.step]
            ) as from_first,
            percentile_cont(array[0.25, 0.5, 0.75, 0.9]) within group (
                order by people.step_seconds[reached.step] - people.step_seconds[reached.step - 1]
            ) as from_previous
        from people
        cross join lateral generate_series(1, cardinality(people.step_seconds)) as reached (step)
        where not people.is_excluded
        group by
            people.funnel, people.breakdown, people.breakdown_value, people.period, people.period_start, reached.step
    ),

    filled as (
        select
            entered.*,
            steps.step,
            steps.step_name,
            steps.window_days,
            coalesce(counted.people, 0) as people,
            first_value(counted.people) over by_step as people_entered,
            lag(coalesce(counted.people, 0)) over by_step as people_before,
            counted.mean_from_first,
            counted.mean_from_previous,
            counted.from_first,
            counted.from_previous
        from entered
        inner join steps on entered.funnel = steps.funnel
        left join counted
            on
                entered.funnel = counted.funnel
                and entered.breakdown = counted.breakdown
                and entered.breakdown_value = counted.breakdown_value
                and entered.period = counted.period
                and entered.period_start = counted.period_start
                and steps.step = counted.step
        window by_step as (
            partition by
                entered.funnel, entered.breakdown, entered.breakdown_value, entered.period, entered.period_start
            order by steps.step
        )
    )

    select
        funnel::text as funnel,
        breakdown::text as breakdown,
        breakdown_value::text as breakdown_value,
        {#- A constant, so that who asks for weeks does not wait for all of history. #}
        {{ "'all'" if periods == ['all'] else 'period' }}::text as period,
        period_start,
        step::integer as step,
        step_name::text as step_name,
        people::bigint as people,
        round(people::numeric / people_entered, 4) as conversion_from_first,
        round(people::numeric / nullif(people_before, 0), 4) as conversion_from_previous,
        (people_before - people)::bigint as people_lost,
        round((people_before - people)::numeric / nullif(people_before, 0), 4) as drop_off,
        {%- for origin in ['first', 'previous'] %}
        {%- if origin == 'previous' %}
        round(mean_from_previous, 3) as mean_seconds_from_previous,
        {%- else %}
        case when step > 1 then round(mean_from_first, 3) end as mean_seconds_from_first,
        {%- endif %}
        {%- for number, statistic in [(2, 'median'), (1, 'p25'), (3, 'p75'), (4, 'p90')] %}
        case when step > 1 then round(from_{{ origin }}[{{ number }}]::numeric, 3) end
            as {{ statistic }}_seconds_from_{{ origin }},
        {%- endfor %}
        {%- endfor %}
        (
            case when period = 'all' then last_entry_date
                else (period_start + ('1 ' || period)::interval)::date - 1 end + window_days
        )::date as complete_on
    from filled
{%- endmacro %}
