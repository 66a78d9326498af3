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
        {{ month_of('progress.start_date') }} as month_start,
        progress.content_format,
        progress.content_type,
        progress.content_id,
        progress.is_completed,
        case
            when progress.content_seconds > 0 and progress.heard_seconds >= 0.99 * progress.content_seconds then 20
            when progress.content_seconds > 0
                then floor(20 * progress.heard_seconds / progress.content_seconds)::integer
            else -1
        end as twentieths
    from {{ ref('fact_content_progress') }} as progress
    {%- if not is_full() %}
    inner join {{ scope_table() }} as months
        on
            progress.start_date >= months.month_start
            and progress.start_date < (months.month_start + interval '1 month')::date
    {%- endif %}
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
