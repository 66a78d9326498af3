{#- Tests of large tables: see macros/within_build.sql. -#}

{% test unique_within_build(model, columns, within, date_column=none) %}
select {{ columns | join(', ') }}
from {{ model }} as model
where {{ within_build(within, date_column) }}
group by {{ columns | join(', ') }}
having count(*) > 1 or count(*) filter (where {{ columns | join(' is null or ') }} is null) > 0
{% endtest %}

{% test is_true_within_build(model, expression, within, date_column=none) %}
select *
from {{ model }} as model
where
    ({{ expression }}) is not true
    and {{ within_build(within, date_column) }}
{% endtest %}
