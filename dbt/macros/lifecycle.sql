{#- The table of the people who were active in each day, week or month. -#}
{% macro active_people_by(period) -%}
    {%- if period == 'day' -%} {{ ref('fact_user_active_days') }}
    {%- elif period == 'week' -%} {{ ref('fact_user_weekly_summary') }}
    {%- else -%} {{ ref('fact_user_monthly_summary') }}
    {%- endif -%}
{%- endmacro %}

{#- Its column for the first day of that. -#}
{% macro start_column(period) -%}
    {{ {'day': 'event_date', 'week': 'week_start', 'month': 'month_start'}[period] }}
{%- endmacro %}

{#-
    Per day, week or month, how the people who were active in it, or in the one before, came and went.

    active = new + returning + resurrected, and the change of active = new + resurrected - dormant.
    docs/metrics.md says what each means and whose definition it is.
-#}
{% macro lifecycle(period) -%}
    {%- set start, first_period = start_of(period, 'event_date'), start_of(period, 'first_active_date') %}
    with periods as (
        select
            {{ start }} as period_start,
            ({{ start }} - interval '1 {{ period }}')::date as previous_start,
            ({{ start }} + interval '1 {{ period }}')::date as next_start
        from {{ ref('active_dates') }}
        where {{ in_scope(start) }}
        group by {{ start }}
    ),

    people as (
        select
            period_start,
            person_id,
            min(first_active_date) as first_active_date,
            bool_or(is_now) as is_active,
            bool_or(not is_now) as was_active
        from (
            {%- for joined, is_now in [('period_start', 'true'), ('previous_start', 'false')] %}
            select
                periods.period_start,
                activity.person_id,
                activity.first_active_date,
                {{ is_now }} as is_now
            from periods
            inner join {{ active_people_by(period) }} as activity
                on periods.{{ joined }} = activity.{{ start_column(period) }}
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ) as both_periods
        group by period_start, person_id
    ),

    counted as (
        select
            period_start,
            count(*) filter (where is_active) as active_people,
            count(*) filter (where is_active and {{ first_period }} = period_start) as new_people,
            count(*) filter (where is_active and was_active) as returning_people,
            count(*) filter (
                where is_active and not was_active and {{ first_period }} < period_start
            ) as resurrected_people,
            count(*) filter (where not is_active) as dormant_people
        from people
        group by period_start
    )

    select
        periods.period_start,
        coalesce(counted.active_people, 0) as active_people,
        coalesce(counted.new_people, 0) as new_people,
        coalesce(counted.returning_people, 0) as returning_people,
        coalesce(counted.resurrected_people, 0) as resurrected_people,
        coalesce(counted.dormant_people, 0) as dormant_people,
        periods.next_start <= (select max(event_date) + 1 from {{ ref('active_dates') }}) as is_complete
    from periods
    left join counted on periods.period_start = counted.period_start
{%- endmacro %}

{#-
    People by the period of their first activity, their cohort, and by each period in which they were active: the counts
    that retention is made of. docs/metrics.md.
-#}
{% macro cohort_activity(period) -%}
    {%- set cohort, start = start_of(period, 'first_active_date'), start_column(period) -%}
    select
        {{ cohort }} as cohort_start,
        {{ start }} as active_start,
        count(*) as people
    from {{ active_people_by(period) }}
    where {{ in_scope(start) }}
    group by {{ cohort }}, {{ start }}
{%- endmacro %}

{#- A common table expression `periods`: each day, week and month, how many people were active in it, and whether it is
    over. -#}
{% macro people_of_periods() -%}
periods as (
    {%- for period, name in [('day', 'daily'), ('week', 'weekly'), ('month', 'monthly')] %}
    select
        '{{ period }}' as period,
        period_start,
        active_people,
        is_complete
    from {{ ref('mart_lifecycle_' ~ name) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{#- The dates on which people were active, as `retention` reads them: there is no moment, for which the date stands. -#}
{% macro days_of_activity() -%}
    (
        select
            person_id,
            person_id as entity,
            event_date,
            event_date as first_back_ts
        from {{ ref('fact_user_active_days') }}
    ) as active_days
{%- endmacro %}

{#- The first of each person, with what is known of it, and the last. -#}
{% macro first_days_of_activity() -%}
    (
        select
            firsts.person_id as entity,
            firsts.first_active_date as event_date,
            firsts.first_active_date as first_start_ts,
            spans.last_active_date as last_date,
            firsts.channel,
            firsts.country,
            firsts.plan,
            firsts.platform
        from {{ ref('fact_first_activity') }} as firsts
        inner join {{ ref('fact_active_spans') }} as spans on firsts.person_id = spans.person_id
    ) as first_days
{%- endmacro %}
