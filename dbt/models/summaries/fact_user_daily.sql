-- One row per person and date with at least one event.
-- A bot's events are counted apart and make nobody active; nor do events that are no activity.
{{ config(
    indexes=[{'columns': ['person_id', 'event_date'], 'unique': true}, {'columns': ['event_date']}],
    meta={'scope': {'by': 'person_date'}},
) }}
with events as (
    select
        fact.source,
        fact.event_id,
        fact.person_id,
        fact.event_ts,
        fact.event_date,
        fact.event_type,
        fact.content_id,
        fact.is_bot,
        not fact.is_bot and fact.is_activity as is_active,
        coalesce(dim_user.country, fact.country) as country -- where the user lived, else where it happened
    from {{ ref('fact_user_events') }} as fact
    left join {{ ref('dim_user') }} as dim_user on fact.user_key = dim_user.user_key
    where {{ in_scope('fact.person_id', 'fact.event_date') }}
),

days as (
    select
        person_id,
        event_date,
        count(*) filter (where not is_bot)::integer as events,
        count(*) filter (where is_bot)::integer as bot_events,
        {{ country_of_day('country', 'events') }} as country,
        count(*) filter (where not is_bot and event_type = 'content_view')::integer as content_views,
        count(*) filter (where not is_bot and event_type = 'content_start')::integer as content_starts,
        count(distinct content_id) filter (where not is_bot and event_type = 'content_start')::integer
            as contents_started,
        count(*) filter (where not is_bot and event_type = 'content_complete')::integer as content_completions,
        count(*) filter (
            where not is_bot and event_type = any({{ text_array(var('community_events')) }})
        )::integer as community_events,
        count(*) filter (where not is_bot and event_type = 'purchase')::integer as purchases,
        count(*) filter (where is_active)::integer as active_events,
        bool_or(is_active and event_type = any({{ text_array(var('learning_events')) }})) as is_learner
    from events
    group by person_id, event_date
),

sessions as (
    select
        sessions.person_id,
        sessions.session_date as event_date,
        count(*)::integer as sessions,
        sum(sessions.duration_seconds) as session_seconds
    from {{ ref('fact_sessions') }} as sessions
    where not sessions.is_bot and {{ in_scope('sessions.person_id', 'sessions.session_date') }}
    group by sessions.person_id, sessions.session_date
)

select
    days.person_id,
    days.event_date,
    days.active_events > 0 as is_active,
    days.is_learner,
    days.country,
    days.events,
    days.active_events,
    days.bot_events,
    coalesce(sessions.sessions, 0) as sessions,
    coalesce(sessions.session_seconds, 0) as session_seconds,
    days.content_views,
    days.content_starts,
    days.contents_started,
    days.content_completions,
    days.community_events,
    days.purchases
from days
left join sessions on days.person_id = sessions.person_id and days.event_date = sessions.event_date
{{ in_order_of('event_date') }}
