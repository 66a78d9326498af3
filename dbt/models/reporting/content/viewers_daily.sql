-- One row per date: `mart_viewers`.
select
    activity_date,
    viewers,
    heavy_viewers,
    content_views,
    content_starts,
    sessions,
    sessions_per_viewer,
    session_minutes_per_viewer
from {{ ref('mart_viewers') }}
