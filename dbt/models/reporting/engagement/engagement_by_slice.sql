-- One row per date and slice: `mart_engagement_by_slice` with what a chart wants beside it.
select
    activity_date,
    dimension,
    value,
    dimension_2,
    value_2,
    dau,
    wau,
    mau_28,
    mau,
    stickiness,
    learners,
    sessions,
    session_seconds,
    engaged_seconds,
    content_starts,
    content_completions,
    round(sessions::numeric / nullif(dau, 0), 4) as sessions_per_person,
    round(session_seconds / nullif(sessions, 0), 2) as seconds_per_session,
    round(engaged_seconds / nullif(dau, 0), 2) as engaged_seconds_per_person,
    round(content_starts::numeric / nullif(sessions, 0), 4) as content_starts_per_session
from {{ ref('mart_engagement_by_slice') }}
