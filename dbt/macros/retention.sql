{#-
    People by the period of their first activity, their cohort, and by each period in which they were active: the counts
    that retention is made of. docs/metrics.md.
-#}
{% macro cohort_activity(period) -%}
    {%- if period == 'day' -%}
        {%- set start, activity = 'event_date', ref('fact_user_active_days') -%}
        {%- set cohort = 'first_active_date' -%}
    {%- elif period == 'week' -%}
        {%- set start, activity = 'week_start', ref('fact_user_weekly_summary') -%}
        {%- set cohort = week_of('first_active_date') -%}
    {%- else -%}
        {%- set start, activity = 'month_start', ref('fact_user_monthly_summary') -%}
        {%- set cohort = month_of('first_active_date') -%}
    {%- endif -%}
    select
        {{ cohort }} as cohort_start,
        {{ start }} as active_start,
        count(*) as people
    from {{ activity }}
    where {{ in_scope(start) }}
    group by {{ cohort }}, {{ start }}
{%- endmacro %}
