-- One row per date and country with a measured completion on one of the 7 days that end on the date.
--
-- A changed day changes its own rows and, through the trailing windows, those of the 6 days after it.
{{ config(
    indexes=[{'columns': ['activity_date', 'country'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'activity_date', 'after': 6}},
) }}
select
    dates.event_date as activity_date,
    daily.country,
    sum(daily.measured_completions)::bigint as measured_completions,
    sum(daily.completed_seconds) as completed_seconds,
    sum(daily.content_seconds) as content_seconds,
    round(sum(daily.completed_shares) / sum(daily.measured_completions), 4) as listen_through
from {{ ref('active_dates') }} as dates
inner join {{ ref('fact_content_daily') }} as daily
    on daily.event_date between dates.event_date - 6 and dates.event_date
where daily.measured_completions > 0 and {{ in_scope('dates.event_date') }}
group by dates.event_date, daily.country
{{ in_order_of('dates.event_date') }}
