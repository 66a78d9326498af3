{#- What a model that lists events carries over from `stg_user_events`. -#}
{% macro event_columns(relation) -%}
    {%- for column in [
        'source', 'event_id', 'user_id', 'anonymous_id', 'event_type', 'event_ts', 'event_date', 'platform',
        'app_version', 'user_agent', 'content_id', 'product_id', 'duration_seconds', 'amount', 'currency', 'properties',
        'event_name', 'is_activity', 'country', 'language', 'device_type', 'os', 'browser', 'page_path', 'referrer',
        'utm_source', 'utm_medium', 'utm_campaign', 'session_id', 'order_id', 'quantity', 'is_producer_session', 'is_bot',
        'load_date', 'file_no', 'line_no',
    ] -%}
        {{ relation }}.{{ column }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#-
    Where a person was on a date: `country` as the last of the person's `events` of it says, bots apart. For a group of
    these events.
-#}
{% macro country_of_day(country, events) -%}
    (
            array_agg({{ country }} order by {{ events }}.event_ts desc, {{ events }}.source, {{ events }}.event_id)
            filter (where not {{ events }}.is_bot)
        )[1]
{%- endmacro %}
