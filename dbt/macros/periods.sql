{#- The first day of the week, and of the month, in which a date lies. -#}
{% macro week_of(date) -%}
    date_trunc('week', ({{ date }})::timestamp)::date
{%- endmacro %}

{% macro month_of(date) -%}
    date_trunc('month', ({{ date }})::timestamp)::date
{%- endmacro %}
