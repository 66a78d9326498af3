{#- Common table expression, `periods`: the days, weeks and months that a model of scope `periods` computes. -#}
{% macro calendar_periods() -%}
    periods as (
        select
            periods.period,
            periods.period_start,
            (periods.period_start + ('1 ' || periods.period)::interval)::date as next_start,
            (periods.period_start + ('1 ' || periods.period)::interval)::date
            <= (select max(event_date) + 1 from {{ ref('active_dates') }}) as is_complete
        from {{ ref('active_dates') }} as dates
        {{ periods_in_scope('dates.event_date') }}
        group by periods.period, periods.period_start
    )
{%- endmacro %}

{#- The months that a payment is for, as a word of its own says or the name of the plan; null where neither does. -#}
{% macro billing_months(billing_period, plan) -%}
    {%- set word = 'coalesce(' ~ billing_period ~ ', ' ~ plan ~ ')' -%}
    case
        when {{ word }} ~ '(semi|half|bi).?(annual|year)' then 6
        when {{ word }} ~ 'annual|year' then 12
        when {{ word }} ~ 'quarter' then 3
        when {{ word }} ~ 'month' then 1
    end
{%- endmacro %}
