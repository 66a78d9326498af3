{#- Tests of small tables, whole. -#}

{% test dates_have_no_gap(model, date_column) %}
select {{ date_column }}
from (
    select
        {{ date_column }},
        lag({{ date_column }}) over (order by {{ date_column }}) as previous_date
    from {{ model }}
) as dates
where {{ date_column }} <> previous_date + 1
{% endtest %}
