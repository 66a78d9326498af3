-- One row per person, date and piece of content with at least one event about that content. Bots have no part in it.
--
-- What the content is, is what it was at the person's last event about it on the date.
{{ config(
    indexes=[
        {'columns': ['person_id', 'event_date', 'content_id'], 'unique': true},
        {'columns': ['event_date']},
        {'columns': ['person_id', 'content_id']},
    ],
    meta={'scope': {'by': 'person_date'}},
) }}
with days as (
    select
        person_id,
        event_date,
        content_id,
        (array_agg(content_key order by event_ts desc, source desc, event_id desc))[1] as content_key,
        count(*) filter (where event_type = 'content_view')::integer as views,
        count(*) filter (where event_type = 'content_start')::integer as starts,
        count(*) filter (where event_type = 'content_complete')::integer as completions,
        count(*) filter (where event_type = 'like')::integer as likes,
        count(*) filter (where event_type = 'unlike')::integer as unlikes,
        coalesce(
            sum(duration_seconds) filter (
                where event_type in ('content_progress', 'content_pause', 'content_complete')
            ),
            0
        ) as heard_seconds
    from {{ ref('fact_user_events') }}
    where content_id is not null and not is_bot and {{ in_scope('person_id', 'event_date') }}
    group by person_id, event_date, content_id
)

select
    days.person_id,
    days.event_date,
    days.content_id,
    coalesce(content.content_type, 'unknown') as content_type,
    {{ content_format('content.content_type') }} as content_format,
    content.topic,
    content.series_id,
    content.creator_id,
    content.duration_seconds as content_seconds,
    days.views,
    days.starts,
    days.completions,
    days.likes,
    days.unlikes,
    days.heard_seconds
from days
inner join {{ ref('dim_content') }} as content on days.content_key = content.content_key
{{ in_order_of('days.event_date') }}
