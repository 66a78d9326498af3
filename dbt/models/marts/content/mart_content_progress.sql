-- One row per month of a first start, kind, thing and twentieth of the content that was heard: how many people.
{{ config(
    indexes=[{'columns': ['month_start', 'kind', 'thing', 'twentieths'], 'unique': true}],
    meta={'scope': {'by': 'event_month'}},
) }}
{% set kinds = [
    ('all', "'(all)'"), ('format', 'content_format'), ('content_type', 'content_type'), ('content', 'content_id'),
] -%}
with starts as (
    select
        {{ month_of('start_date') }} as month_start,
        content_format,
        content_type,
        content_id,
        is_completed,
        case
            when content_seconds > 0 and heard_seconds >= 0.99 * content_seconds then 20
            when content_seconds > 0 then floor(20 * heard_seconds / content_seconds)::integer
            else -1
        end as twentieths
    from {{ ref('fact_content_progress') }}
    where {{ in_scope(month_of('start_date')) }}
),

kinds as (
    {%- for kind, thing in kinds %}
    select
        month_start,
        '{{ kind }}' as kind,
        {{ thing }} as thing,
        twentieths,
        is_completed
    from starts
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    month_start,
    kind,
    thing,
    twentieths,
    count(*) as starters,
    count(*) filter (where is_completed) as completers
from kinds
group by month_start, kind, thing, twentieths
