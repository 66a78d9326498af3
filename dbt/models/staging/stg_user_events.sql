-- One row per event and load day that it arrived on.
-- depends_on: {{ ref('work_build') }}
select
    source,
    event_id,
    user_id,
    anonymous_id,
    event_type,
    event_ts,
    {{ date_of('event_ts') }} as event_date,
    platform,
    app_version,
    user_agent,
    content_id,
    product_id,
    duration_seconds,
    amount,
    currency,
    properties,
    coalesce(user_agent ~* '{{ var("bot_pattern") }}', false) as is_bot,
    load_date,
    file_no,
    line_no
from {{ source('raw', 'user_events') }}
