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
        min(content_key) as first_key,
        max(content_key) as last_key,
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
),

-- Events are looked at in their order where a piece of content changed between them, and nowhere else.
versions as (
    select
        days.*,
        case
            when days.first_key = days.last_key then days.first_key
            else (
                select events.content_key
                from {{ ref('fact_user_events') }} as events
                where
                    events.person_id = days.person_id
                    and events.event_date = days.event_date
                    and events.content_id = days.content_id
                    and not events.is_bot
                order by events.event_ts desc, events.source desc, events.event_id desc
                limit 1
            )
        end as content_key
    from days
)

select
    versions.person_id,
    versions.event_date,
    versions.content_id,
    coalesce(content.content_type, 'unknown') as content_type,
    {{ content_format('content.content_type') }} as content_format,
    content.topic,
    content.series_id,
    content.creator_id,
    content.duration_seconds as content_seconds,
    versions.views,
    versions.starts,
    versions.completions,
    versions.likes,
    versions.unlikes,
    versions.heard_seconds
from versions
inner join {{ ref('dim_content') }} as content on versions.content_key = content.content_key
{{ in_order_of('versions.event_date') }}
