-- One row per day, week or month, kind, and thing of that kind that people viewed, started, completed or liked.
{{ config(
    indexes=[{'columns': ['period', 'period_start', 'kind', 'thing'], 'unique': true}],
    meta={'scope': {'by': 'periods'}},
) }}
{% set kinds = [
    ('all', "'(all)'"), ('format', 'content_format'), ('content_type', 'content_type'), ('topic', 'topic'),
    ('series', 'series_id'), ('creator', 'creator_id'), ('content', 'content_id'),
] -%}
with people as (
    select
        periods.period,
        periods.period_start,
        daily.person_id,
        daily.content_id,
        daily.content_type,
        daily.content_format,
        daily.topic,
        daily.series_id,
        daily.creator_id,
        sum(daily.views) as views,
        sum(daily.starts) as starts,
        sum(daily.completions) as completions,
        sum(daily.likes) as likes,
        sum(daily.unlikes) as unlikes,
        sum(daily.heard_seconds) as heard_seconds
    from {{ ref('fact_content_people_daily') }} as daily
    {{ periods_in_scope('daily.event_date') }}
    where daily.views + daily.starts + daily.completions + daily.likes + daily.unlikes > 0
    group by
        periods.period, periods.period_start, daily.person_id, daily.content_id, daily.content_type,
        daily.content_format, daily.topic, daily.series_id, daily.creator_id
),

kinds as (
    {%- for kind, thing in kinds %}
    select
        period,
        period_start,
        '{{ kind }}' as kind,
        {{ thing }} as thing,
        person_id,
        sum(views) as views,
        sum(starts) as starts,
        sum(completions) as completions,
        sum(likes) as likes,
        sum(unlikes) as unlikes,
        sum(heard_seconds) as heard_seconds
    from people
    where {{ thing }} is not null
    group by period, period_start, person_id{{ ', ' ~ thing if kind != 'all' }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

things as (
    select
        period,
        period_start,
        kind,
        thing,
        count(*) filter (where views + starts > 0) as people,
        count(*) filter (where starts > 0) as starters,
        sum(views)::bigint as views,
        sum(starts)::bigint as starts,
        sum(completions)::bigint as completions,
        sum(likes)::bigint as likes,
        sum(unlikes)::bigint as unlikes,
        sum(heard_seconds) as heard_seconds
    from kinds
    group by period, period_start, kind, thing
)

select
    *,
    rank() over (partition by period, period_start, kind order by people desc) as people_rank,
    rank() over (partition by period, period_start, kind order by completions desc) as completion_rank
from things
