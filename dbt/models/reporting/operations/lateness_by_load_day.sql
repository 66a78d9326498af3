-- One row per load day, source and number of days since the event: how late events arrive.
select
    load_date,
    source,
    load_date - (event_ts at time zone 'UTC')::date as days_late,
    count(*)::bigint as events
from {{ ref('fact_user_events') }}
group by 1, 2, 3
