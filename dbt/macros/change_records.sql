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
        {{ record_of('changes') }} as record
    from {{ ref('stg_' ~ thing ~ '_changes') }} as changes
    where
        changes.load_date = any({{ load_days() }})
        and changes.extract_of is null -- what extracts tell is in `extract_changes`
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- What a change record says, as it is kept: without personal data, and without where it stood. -#}
{% macro record_of(changes) -%}
    to_jsonb({{ changes }}) - '{email,full_name,street,postal_code,city,source,extract_of,extracted_at}'::text[]
{%- endmacro %}

{#-
    The change records of one kind of thing, those that landed and those that extracts tell: of records with the same
    time, the first arrival. Typed by the staging view.
-#}
{% macro known_changes(thing) %}
        select distinct on (changes.{{ thing }}_id, changes.changed_at) changes.*
        from (
            select record
            from {{ ref('change_records') }}
            where thing = '{{ thing }}' and {{ in_scope('thing_id') }}
            union all
            select told.record || jsonb_build_object('changed_at', told.changed_at) as record
            from ({{ told_by_extracts(thing, in_scope('thing_id')) }}) as told
        ) as known
        cross join lateral jsonb_populate_record(
            null::{{ built('stg_' ~ thing ~ '_changes') }}, known.record
        ) as changes
        order by changes.{{ thing }}_id, changes.changed_at, changes.load_date, changes.file_no, changes.line_no
{%- endmacro %}
