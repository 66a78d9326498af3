{#- The change records of the load days, of every kind of thing, with what they say; personal data apart. -#}
{% macro change_records() %}
    {%- for thing in ['user', 'product', 'content', 'creator'] %}
    select
        '{{ thing }}' as thing,
        changes.{{ thing }}_id as thing_id,
        changes.changed_at,
        changes.load_date,
        to_jsonb(changes) - '{email,full_name,street,postal_code,city}'::text[] as record
    from {{ ref('stg_' ~ thing ~ '_changes') }} as changes
    where changes.load_date = any({{ load_days() }})
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#-
    The change records of one kind of thing as the log has them: of records with the same time, the first arrival.
    All of them in a full build, those of the things that changed in any other. Typed by the staging view.
-#}
{% macro logged_changes(thing) %}
        select distinct on (changes.{{ thing }}_id, changes.changed_at) changes.*
        from {{ ref('work_change_log') }} as change_log
        cross join lateral jsonb_populate_record(
            null::{{ built('stg_' ~ thing ~ '_changes') }}, change_log.record
        ) as changes
        where
            change_log.thing = '{{ thing }}'
            {%- if not is_full() %}
            and change_log.thing_id in (
                select work_changed.thing_id
                from {{ ref('work_changed') }} as work_changed
                where work_changed.thing = '{{ thing }}'
            )
            {%- endif %}
        order by changes.{{ thing }}_id, changes.changed_at, changes.load_date, changes.file_no, changes.line_no
{%- endmacro %}
