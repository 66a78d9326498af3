-- One row per date, without gaps from the first to the last date that has an event.
-- docs/metrics.md defines the columns.
{{ config(
    indexes=[{'columns': ['activity_date'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'activity_date'}},
) }}
select
    dates.event_date as activity_date,
    coalesce(totals.viewers, 0)::bigint as viewers,
    coalesce(totals.heavy_viewers, 0)::bigint as heavy_viewers,
    coalesce(totals.content_views, 0)::bigint as content_views,
    coalesce(totals.content_starts, 0)::bigint as content_starts,
    coalesce(totals.viewer_sessions, 0)::bigint as sessions,
    round(totals.viewer_sessions::numeric / nullif(totals.viewers, 0), 4) as sessions_per_viewer,
    round(totals.viewer_session_seconds / 60 / nullif(totals.viewers, 0), 2) as session_minutes_per_viewer
from {{ ref('active_dates') }} as dates
left join {{ ref('fact_daily_totals') }} as totals on dates.event_date = totals.event_date
where {{ in_scope('dates.event_date') }}
