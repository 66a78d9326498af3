{#- Tests of large tables, of what the running build may have written: see macros/in_build.sql. -#}

{#- What a unique index says, the database itself holds: then no rows are grouped, and only nulls are looked for, which
    an index lets through. -#}
{% test unique_in_build(model, columns) %}
{%- set seen = in_build('model') %}
select {{ columns | join(', ') }}
from (select model.* from {{ model }} as model {{ seen.join }} where {{ seen.condition }}) as model
where {{ columns | join(' is null or ') }} is null
union all
select {{ columns | join(', ') }}
from (select model.* from {{ model }} as model {{ seen.join }} where {{ seen.condition }}) as model
where
    not exists (
        select
        from pg_catalog.pg_index as indexes
        where
            indexes.indrelid = '{{ model }}'::regclass
            and indexes.indisunique
            and indexes.indisvalid
            and indexes.indpred is null
            and indexes.indexprs is null
            and (
                select array_agg(attributes.attname::text)
                from pg_catalog.pg_attribute as attributes
                where attributes.attrelid = indexes.indrelid and attributes.attnum = any(indexes.indkey)
            ) <@ {{ text_array(columns) }}
    )
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{% test is_true_in_build(model, expression) %}
{%- set seen = in_build('model') %}
select model.*
from {{ model }} as model {{ seen.join }}
where ({{ expression }}) is not true and {{ seen.condition }}
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
