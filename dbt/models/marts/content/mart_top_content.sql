-- One row per date and piece of content that was completed on one of the 7 days that end on the date.
--
-- A changed day changes its own rows and, through the trailing windows, those of the 6 days after it.
{{ config(
    indexes=[{'columns': ['activity_date', 'content_id'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'activity_date', 'after': 6}},
) }}
with windows as (
    select
        dates.event_date as activity_date,
        daily.content_id,
        sum(daily.completions)::bigint as completions
    from {{ ref('active_dates') }} as dates
    inner join {{ ref('fact_content_daily') }} as daily
        on daily.event_date between dates.event_date - 6 and dates.event_date
    where daily.completions > 0 and {{ in_scope('dates.event_date') }}
    group by dates.event_date, daily.content_id
)

select
    activity_date,
    content_id,
    completions,
    rank() over (partition by activity_date order by completions desc) as completion_rank
from windows
{{ in_order_of('activity_date') }}
