{#- Tests of large tables, of what the running build may have written: see macros/in_build.sql. -#}

{#- For what is no grain: of that, the database itself lets each in once (macros/contracts.sql). -#}
{% test unique_in_build(model, columns) %}
{%- set seen = in_build('model') %}
select {{ columns | join(', ') }}
from {{ model }} as model {{ seen.join }}
where {{ seen.condition }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{#- The versions of a thing do not overlap, are not empty, and the last of them alone may be open. -#}
{% test versions_follow_each_other(model, thing) %}
{%- set seen = in_build('model') %}
select *
from (
    select
        model.{{ thing }}_id,
        model.valid_from,
        model.valid_to,
        model.is_current,
        lead(model.valid_from) over (partition by model.{{ thing }}_id order by model.valid_from) as next_from
    from {{ model }} as model {{ seen.join }}
    where model.{{ thing }}_id is not null and {{ seen.condition }}
) as versions
where valid_from >= valid_to or valid_to > next_from or is_current <> (valid_to = 'infinity')
{% endtest %}
