-- One row per date, piece of content and country with at least one event about that content. Bots have no part in it.
--
-- The country of an event is where the user lived, else where it happened, else `unknown`.
-- A completion is measured when its event says how many seconds were listened to, and the content how long it is.
{{ config(
    indexes=[{'columns': ['event_date', 'content_id', 'country'], 'unique': true}, {'columns': ['content_id']}],
    meta={'scope': {
        'by': 'keys', 'of': 'fact_user_events', 'columns': {'event_date': 'event_date', 'content_id': 'content_id'},
    }},
) }}
with events as (
    select
        fact.event_date,
        fact.content_id,
        coalesce(dim_user.country, fact.country, 'unknown') as country,
        fact.event_type,
        case
            when fact.event_type = 'content_complete' and dim_content.duration_seconds > 0 then fact.duration_seconds
        end as completed_seconds,
        dim_content.duration_seconds as content_seconds
    from {{ ref('fact_user_events') }} as fact
    left join {{ ref('dim_user') }} as dim_user on fact.user_key = dim_user.user_key
    left join {{ ref('dim_content') }} as dim_content on fact.content_key = dim_content.content_key
    where
        not fact.is_bot
        and fact.content_id is not null
        and {{ in_scope('fact.event_date', 'fact.content_id') }}
)

select
    event_date,
    content_id,
    country,
    count(*)::integer as events,
    count(*) filter (where event_type = 'content_view')::integer as views,
    count(*) filter (where event_type = 'content_start')::integer as starts,
    count(*) filter (where event_type = 'content_complete')::integer as completions,
    count(*) filter (where event_type = 'like')::integer as likes,
    count(*) filter (where event_type = 'unlike')::integer as unlikes,
    count(completed_seconds)::integer as measured_completions,
    coalesce(sum(completed_seconds), 0) as completed_seconds,
    coalesce(sum(content_seconds) filter (where completed_seconds is not null), 0) as content_seconds,
    coalesce(sum(round(completed_seconds / nullif(content_seconds, 0), 6)), 0) as completed_shares
from events
group by event_date, content_id, country
{{ in_order_of('event_date') }}
