{#- Tests of small tables, whole. -#}

{% test unique_combination(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 or count(*) filter (where {{ columns | join(' is null or ') }} is null) > 0
{% endtest %}

{% test is_true(model, expression) %}
select *
from {{ model }}
where ({{ expression }}) is not true
{% endtest %}

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

{#- The versions of a thing do not overlap, are not empty, and the last of them alone may be open. -#}
{% test versions_follow_each_other(model, id) %}
select *
from (
    select
        {{ id }},
        valid_from,
        valid_to,
        is_current,
        lead(valid_from) over (partition by {{ id }} order by valid_from) as next_from
    from {{ model }}
    where {{ id }} is not null
) as versions
where valid_from >= valid_to or valid_to > next_from or is_current <> (valid_to = 'infinity')
{% endtest %}
