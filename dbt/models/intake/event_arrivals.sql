-- One row per load day, source and number of days since the event, both in UTC: how many events arrived.
-- One that arrived on several load days counts on each of them; `event_repeats` has these.
-- depends_on: {{ ref('work_build') }}
{{ config(
    indexes=[{'columns': ['load_date', 'source', 'days_late'], 'unique': true}],
    meta={'scope': {'by': 'load_date'}},
) }}
select
    load_date,
    source,
    load_date - (event_ts at time zone 'UTC')::date as days_late,
    count(*)::bigint as events
from {{ ref('stg_user_events') }}
where load_date = any({{ load_days() }})
group by 1, 2, 3
