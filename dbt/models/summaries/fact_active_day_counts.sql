-- One row per stream of activity, date and `days_to_next`: how many people were active on that date and next so many
-- days later (30: later, or never). See `fact_active_days`.
{{ config(
    indexes=[{'columns': ['active_date', 'stream', 'days_to_next'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'active_date'}},
) }}
select
    stream,
    active_date,
    days_to_next,
    count(*)::integer as people
from {{ ref('fact_active_days') }}
where {{ in_scope('active_date') }}
group by stream, active_date, days_to_next
{{ in_order_of('active_date') }}
