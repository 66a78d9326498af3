-- One row per date and slice in which somebody was active in the 30 days that end on the date.
--
-- A changed day changes its own rows and, through the trailing windows, those of the 29 days after it.
{{ config(
    indexes=[{'columns': ['activity_date', 'slice'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'activity_date', 'after': var('longest_window_days') - 1}},
) }}
with dates as (
    select event_date as activity_date
    from {{ ref('active_dates') }}
    where {{ in_scope('event_date') }}
),

-- The people of each date's windows, by how many days back they were last active; see `mart_engagement`.
windows as (
    select
        dates.activity_date,
        counts.stream as slice,
        sum(counts.people) as mau,
        sum(counts.people) filter (where days_back.days < 28) as mau_28,
        sum(counts.people) filter (where days_back.days < 7) as wau,
        sum(counts.people) filter (where days_back.days = 0) as dau
    from dates
    cross join generate_series(0, {{ var('longest_window_days') - 1 }}) as days_back (days)
    inner join {{ ref('fact_active_day_counts') }} as counts
        on
            dates.activity_date - days_back.days = counts.active_date
            and days_back.days < counts.days_to_next
    where counts.stream <> 'learner' and {{ near_scope('counts.active_date', var('longest_window_days') - 1) }}
    group by dates.activity_date, counts.stream
)

select
    windows.activity_date,
    windows.slice,
    {{ slice_columns('windows.slice') }},
    coalesce(windows.dau, 0)::bigint as dau,
    coalesce(windows.wau, 0)::bigint as wau,
    coalesce(windows.mau_28, 0)::bigint as mau_28,
    windows.mau::bigint as mau,
    round(coalesce(windows.dau, 0)::numeric / windows.mau, 4) as stickiness,
    coalesce(totals.learners, 0)::bigint as learners,
    coalesce(totals.sessions, 0) as sessions,
    coalesce(totals.session_seconds, 0) as session_seconds,
    coalesce(totals.engaged_seconds, 0) as engaged_seconds,
    coalesce(totals.content_starts, 0) as content_starts,
    coalesce(totals.content_completions, 0) as content_completions
from windows
left join {{ ref('fact_slice_totals') }} as totals
    on
        windows.activity_date = totals.event_date
        and windows.slice = totals.slice
        and {{ near_scope('totals.event_date') }}
