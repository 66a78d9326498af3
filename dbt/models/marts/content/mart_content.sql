-- One row per day, week or month, kind, and thing of that kind that people viewed, started, completed or liked.
{{ config(
    indexes=[{'columns': ['period', 'period_start', 'kind', 'thing'], 'unique': true}],
    meta={'scope': {'by': 'periods'}},
) }}
{% set kinds = [
    ('all', "'(all)'"), ('format', 'content_format'), ('content_type', 'content_type'), ('topic', 'topic'),
    ('series', 'series_id'), ('creator', 'creator_id'), ('content', 'content_id'),
] -%}
-- What is counted twice over days, and what adds up, go apart: people are told from each other once for each thing, and
-- sums are taken of the sums of a date.
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
        bool_or(daily.starts > 0) as is_starter
    from {{ ref('fact_content_people_daily') }} as daily
    {{ periods_in_scope('daily.event_date') }}
    where daily.views + daily.starts > 0
    group by
        periods.period, periods.period_start, daily.person_id, daily.content_id, daily.content_type,
        daily.content_format, daily.topic, daily.series_id, daily.creator_id
),

-- The same of all that a person saw of one type, topic, series and creator: fewer rows for all kinds but the last.
groups as (
    select
        period,
        period_start,
        person_id,
        content_type,
        content_format,
        topic,
        series_id,
        creator_id,
        bool_or(is_starter) as is_starter
    from people
    group by period, period_start, person_id, content_type, content_format, topic, series_id, creator_id
),

reached as (
    {%- for kind, thing in kinds %}
    select
        period,
        period_start,
        '{{ kind }}' as kind,
        thing,
        count(*) as people,
        count(*) filter (where is_starter) as starters
    from (
        select
            period,
            period_start,
            {{ thing }} as thing,
            bool_or(is_starter) as is_starter
        from {{ 'people' if kind == 'content' else 'groups' }}
        where {{ thing }} is not null
        group by period, period_start, person_id{{ ', ' ~ thing if kind != 'all' }}
    ) as told_apart
    group by period, period_start, thing
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

dates as (
    select
        event_date,
        content_id,
        content_type,
        content_format,
        topic,
        series_id,
        creator_id,
        sum(views) as views,
        sum(starts) as starts,
        sum(completions) as completions,
        sum(likes) as likes,
        sum(unlikes) as unlikes,
        sum(heard_seconds) as heard_seconds
    from {{ ref('fact_content_people_daily') }}
    where
        views + starts + completions + likes + unlikes > 0
        {%- if not is_full() %}
        and event_date in (
            select days.day::date
            from {{ scope_table() }} as periods
            cross join lateral generate_series(
                periods.period_start::timestamp,
                periods.period_start + ('1 ' || periods.period)::interval - interval '1 day',
                interval '1 day'
            ) as days (day)
        )
        {%- endif %}
    group by event_date, content_id, content_type, content_format, topic, series_id, creator_id
),

sums as (
    select
        periods.period,
        periods.period_start,
        kinds.kind,
        kinds.thing,
        sum(dates.views)::bigint as views,
        sum(dates.starts)::bigint as starts,
        sum(dates.completions)::bigint as completions,
        sum(dates.likes)::bigint as likes,
        sum(dates.unlikes)::bigint as unlikes,
        sum(dates.heard_seconds) as heard_seconds
    from dates
    {{ periods_in_scope('dates.event_date') }}
    cross join lateral (
        values
        {%- for kind, thing in kinds %}
        ('{{ kind }}', {{ thing if kind == 'all' else 'dates.' ~ thing }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as kinds (kind, thing)
    where kinds.thing is not null
    group by periods.period, periods.period_start, kinds.kind, kinds.thing
),

things as (
    select
        sums.period,
        sums.period_start,
        sums.kind,
        sums.thing,
        coalesce(reached.people, 0) as people,
        coalesce(reached.starters, 0) as starters,
        sums.views,
        sums.starts,
        sums.completions,
        sums.likes,
        sums.unlikes,
        sums.heard_seconds
    from sums
    left join reached
        on
            sums.period = reached.period
            and sums.period_start = reached.period_start
            and sums.kind = reached.kind
            and sums.thing = reached.thing
)

select
    *,
    rank() over (partition by period, period_start, kind order by people desc) as people_rank,
    rank() over (partition by period, period_start, kind order by completions desc) as completion_rank
from things
