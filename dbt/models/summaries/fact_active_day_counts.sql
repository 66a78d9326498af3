-- One row per stream of activity, date and `days_to_next`: how many people were active on that date and next so many
-- days later (30: later, or never). See `fact_active_days`.
{{ config(
    indexes=[{'columns': ['active_date', 'stream', 'days_to_next'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'active_date'}},
) }}
select
    each.stream,
    days.active_date,
    each.days_to_next,
    count(*)::integer as people
from {{ ref('fact_active_days') }} as days
cross join unnest(days.streams, days.days_to_next) as each (stream, days_to_next)
where {{ in_scope('days.active_date') }}
group by each.stream, days.active_date, each.days_to_next
{{ in_order_of('days.active_date') }}
