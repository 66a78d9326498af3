-- One row per date, without gaps from the first to the last date that has an event. docs/metrics.md defines the columns.
--
-- A changed day changes its own row and, through the trailing windows, those of the 29 days after it.
{{ config(
    indexes=[{'columns': ['activity_date'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'activity_date', 'after': var('longest_window_days') - 1}},
) }}
with dates as (
    select event_date as activity_date
    from {{ ref('active_dates') }}
    where {{ in_scope('event_date') }}
),

-- The people of each date's windows, by how many days back they were last active.
windows as (
    select
        dates.activity_date,
        sum(counts.people) filter (where counts.stream = 'all') as mau,
        sum(counts.people) filter (where counts.stream = 'all' and days_back.days < 7) as wau,
        sum(counts.people) filter (where counts.stream = 'region' || chr(31) || 'DACH') as dach_active_users_30d
    from dates
    cross join generate_series(0, {{ var('longest_window_days') - 1 }}) as days_back (days)
    inner join {{ ref('fact_active_day_counts') }} as counts
        on
            dates.activity_date - days_back.days = counts.active_date
            and days_back.days < counts.days_to_next
    where
        counts.stream in ('all', 'region' || chr(31) || 'DACH')
        and {{ near_scope('counts.active_date', var('longest_window_days') - 1) }}
    group by dates.activity_date
)

select
    dates.activity_date,
    coalesce(totals.active_people, 0)::bigint as dau,
    coalesce(windows.wau, 0)::bigint as wau,
    coalesce(windows.mau, 0)::bigint as mau,
    round(coalesce(totals.active_people, 0)::numeric / nullif(windows.mau, 0), 4) as stickiness,
    coalesce(totals.learners, 0)::bigint as daily_active_learners,
    coalesce(totals.content_completions, 0)::bigint as content_completions,
    coalesce(totals.sessions, 0)::bigint as sessions,
    coalesce(windows.dach_active_users_30d, 0)::bigint as dach_active_users_30d
from dates
left join {{ ref('fact_daily_totals') }} as totals on dates.activity_date = totals.event_date
left join windows on dates.activity_date = windows.activity_date
