-- One row per date with at least one event: sums over its people, bots apart.
{{ config(
    indexes=[{'columns': ['event_date'], 'unique': true}],
    meta={'scope': {'by': 'event_date'}},
) }}
select
    event_date,
    count(*) filter (where is_active)::integer as active_people,
    count(*) filter (where is_learner)::integer as learners,
    sum(events)::bigint as events,
    sum(bot_events)::bigint as bot_events,
    sum(sessions)::bigint as sessions,
    sum(session_seconds) as session_seconds,
    sum(content_starts)::bigint as content_starts,
    sum(content_completions)::bigint as content_completions,
    sum(content_views)::bigint as content_views,
    count(*) filter (where content_views + content_starts > 0)::integer as viewers,
    count(*) filter (where contents_started >= {{ var('heavy_viewer_contents') }})::integer as heavy_viewers,
    coalesce(sum(sessions) filter (where content_views + content_starts > 0), 0)::bigint as viewer_sessions,
    coalesce(sum(session_seconds) filter (where content_views + content_starts > 0), 0) as viewer_session_seconds
from {{ ref('fact_user_daily') }}
where {{ in_scope('event_date') }}
group by event_date
