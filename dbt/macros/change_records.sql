{#- The change records of the load days, of every kind of thing, with what they say; personal data apart. -#}
{% macro landed_changes() %}
    {%- for thing in ['user', 'product', 'content', 'creator'] %}
    select
        '{{ thing }}' as thing,
        changes.{{ thing }}_id as thing_id,
        changes.changed_at,
        changes.load_date,
        changes.file_no,
        changes.line_no,
        to_jsonb(changes) - '{email,full_name,street,postal_code,city}'::text[] as record
    from {{ ref('stg_' ~ thing ~ '_changes') }} as changes
    where changes.load_date = any({{ load_days() }})
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#-
    The change records of one kind of thing as `change_records` has them: of records with the same time, the first
    arrival. Typed by the staging view.
-#}
{% macro known_changes(thing) %}
        select distinct on (changes.{{ thing }}_id, changes.changed_at) changes.*
        from {{ ref('change_records') }} as known
        cross join lateral jsonb_populate_record(
            null::{{ built('stg_' ~ thing ~ '_changes') }}, known.record
        ) as changes
        where known.thing = '{{ thing }}' and {{ in_scope('known.thing_id') }}
        order by changes.{{ thing }}_id, changes.changed_at, changes.load_date, changes.file_no, changes.line_no
{%- endmacro %}
