-- One row per date and segment that the people who were active in the 30 days up to the date had when the week began.
--
-- The segment is that of the week before the date's, so it does not depend on what it is compared with. A changed date
-- changes the 29 days after it through the windows, and through the segments those up to five weeks later.
{{ config(
    indexes=[{'columns': ['activity_date', 'segment'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'activity_date', 'after': 35}},
) }}
{% set longest = var('longest_window_days') -%}
with dates as (
    select
        event_date as activity_date,
        {{ week_of('event_date') }} as week_start
    from {{ ref('active_dates') }}
    where {{ in_scope('event_date') }}
),

weeks as (
    select distinct week_start
    from dates
),

-- All that these dates look at: windows, and the four weeks before the week of each.
activity as (
    select
        days.person_id,
        days.event_date,
        days.first_active_date
    from {{ ref('fact_user_active_days') }} as days
    inner join (
        select
            min(activity_date) as first_date,
            max(activity_date) as last_date
        from dates
    ) as bounds
        on
            days.event_date >= bounds.first_date - 34
            and days.event_date <= bounds.last_date
),

-- Whoever is active in a window has one last active day in it; see models/summaries/README.md.
days as (
    select
        *,
        lead(event_date) over (partition by person_id order by event_date) as next_date
    from activity
),

-- As in `mart_segment_moves`, of the four weeks before each week.
history as (
    select
        weeks.week_start,
        activity.person_id,
        count(*) as days,
        max(activity.event_date) as last_date
    from activity
    cross join generate_series(1, 4) as later (weeks)
    inner join weeks on {{ week_of('activity.event_date') }} + 7 * later.weeks = weeks.week_start
    group by weeks.week_start, activity.person_id
),

people as (
    select
        dates.activity_date,
        dates.activity_date - days.event_date as days_back,
        case
            when days.first_active_date >= dates.week_start then 'new'
            else {{ segment_of('history.days', 'history.last_date < dates.week_start - 14') }}
        end as segment
    from days
    cross join lateral generate_series(
        days.event_date::timestamp, least(days.next_date, days.event_date + {{ longest }}) - interval '1 day', interval '1 day'
    ) as window_dates (day)
    inner join dates on window_dates.day::date = dates.activity_date
    left join history on dates.week_start = history.week_start and days.person_id = history.person_id
)

select
    activity_date,
    segment,
    count(*) filter (where days_back = 0) as dau,
    count(*) filter (where days_back < 7) as wau,
    count(*) as mau,
    round((count(*) filter (where days_back = 0))::numeric / count(*), 4) as stickiness
from people
group by activity_date, segment
