{#-
    Per day, week or month, how the people who were active in it, or in the one before, came and went.

    active = new + returning + resurrected, and the change of active = new + resurrected - dormant.
    docs/metrics.md says what each means and whose definition it is.
-#}
{% macro lifecycle(period) -%}
    {%- set period_of = 'event_date' if period == 'day'
        else week_of('event_date') if period == 'week' else month_of('event_date') -%}
    {%- set first_period = period_of | replace('event_date', 'first_active_date') -%}
    {%- if period == 'day' -%}
        {%- set start, activity = 'event_date', ref('fact_user_active_days') -%}
    {%- elif period == 'week' -%}
        {%- set start, activity = 'week_start', ref('fact_user_weekly_summary') -%}
    {%- else -%}
        {%- set start, activity = 'month_start', ref('fact_user_monthly_summary') -%}
    {%- endif %}
    with periods as (
        select
            {{ period_of }} as period_start,
            ({{ period_of }} - interval '1 {{ period }}')::date as previous_start,
            ({{ period_of }} + interval '1 {{ period }}')::date as next_start
        from {{ ref('active_dates') }}
        where {{ in_scope(period_of) }}
        group by {{ period_of }}
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
            inner join {{ activity }} as activity on periods.{{ joined }} = activity.{{ start }}
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
