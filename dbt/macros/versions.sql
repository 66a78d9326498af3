{#- A stable 64-bit key of some expressions that are not null. -#}
{% macro hash_key(expressions) -%}
    ('x' || left(md5(
    {%- for expression in expressions -%}
        {{ " || '|' || " if not loop.first }}{{ expression }}
    {%- endfor -%}
    ), 16))::bit(64)::bigint
{%- endmacro %}

{#- The seconds since 1970 as text, the same in every time zone; 'Infinity' and '-Infinity' too. -#}
{% macro epoch(expression) -%}
    extract(epoch from {{ expression }})::text
{%- endmacro %}

{#-
    The versions (SCD2) of a thing from its dated change records: one row per span of time in which `attributes`
    did not change. Half-open [valid_from, valid_to).
    - Of records with the same time the first arrival counts.
    - A record that changes nothing opens no version. A delete closes the version; a later upsert opens another.
    - What is known first is taken to have been so always: the first version begins at -infinity.
-#}
{% macro versions(thing, attributes) -%}
    {%- set id = thing ~ '_id' -%}
    {%- set key = thing ~ '_key' -%}
    changes as (
        {{- known_changes(thing) }}
    ),

    records as (
        select
            *,
            row_number() over timeline as record_no,
            lag(op) over timeline as previous_op,
            (
                {%- for attribute in attributes %}
                {{ 'or ' if not loop.first }}{{ attribute }} is distinct from lag({{ attribute }}) over timeline
                {%- endfor %}
            ) as is_different
        from changes
        window timeline as (partition by {{ id }} order by changed_at)
    ),

    turns as (
        select
            *,
            lead(changed_at, 1, 'infinity') over (partition by {{ id }} order by changed_at) as valid_to,
            case when record_no = 1 then '-infinity' else changed_at end as valid_from
        from records
        where
            (op = 'upsert' and (previous_op is distinct from 'upsert' or is_different))
            or (op = 'delete' and previous_op = 'upsert')
    ),

    spans as (
        select
            {{ hash_key([id, epoch('valid_from')]) }} as {{ key }},
            {{ id }},
            {%- for attribute in attributes %}
            {{ attribute }},
            {%- endfor %}
            valid_from,
            valid_to,
            valid_to = 'infinity' as is_current
        from turns
        where op = 'upsert'
    )

select * from spans
{%- if is_full() %}
union all
-- The member of what is not known: of an anonymous visitor, of a thing that nobody told us of. Its nulls have the types
-- of the other rows, since a plain null would make `numeric` of a `numeric(12, 3)`.
select
    -1,
    spans.{{ id }},
    {%- for attribute in attributes %}
    spans.{{ attribute }},
    {%- endfor %}
    '-infinity',
    'infinity',
    true
from (values (-1)) as unknown (member)
left join spans on false
{%- endif %}
{%- endmacro %}
