{#- Tests of large tables: see macros/within_build.sql. -#}

{% test unique_within_build(model, columns, within, column=none) %}
select {{ columns | join(', ') }}
from {{ model }} as model
where {{ within_build(within, column) }}
group by {{ columns | join(', ') }}
having count(*) > 1 or count(*) filter (where {{ columns | join(' is null or ') }} is null) > 0
{% endtest %}

{% test is_true_within_build(model, expression, within, column=none) %}
select *
from {{ model }} as model
where
    ({{ expression }}) is not true
    and {{ within_build(within, column) }}
{% endtest %}

{#- The versions of a thing do not overlap, are not empty, and the last of them alone may be open. -#}
{% test versions_follow_each_other(model, thing) %}
select *
from (
    select
        {{ thing }}_id,
        valid_from,
        valid_to,
        is_current,
        lead(valid_from) over (partition by {{ thing }}_id order by valid_from) as next_from
    from {{ model }} as model
    where
        {{ thing }}_id is not null
        and {{ within_build(thing, thing ~ '_id') }}
) as versions
where valid_from >= valid_to or valid_to > next_from or is_current <> (valid_to = 'infinity')
{% endtest %}
