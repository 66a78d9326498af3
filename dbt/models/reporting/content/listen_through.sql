-- One row per date and country: `mart_listen_through`.
select
    activity_date,
    country,
    measured_completions,
    completed_seconds,
    content_seconds,
    listen_through
from {{ ref('mart_listen_through') }}
