-- One row per week, segment of the week before and segment of the week: how many people moved so, or stayed.
--
-- Who is dormant in both weeks is not counted here: these people are the whole past. What comes and goes is enough to
-- know how many they are (reporting.segments).
{{ config(
    indexes=[{'columns': ['week_start', 'segment_before', 'segment'], 'unique': true}],
    meta={'scope': {'by': 'event_week', 'after': 4}},
) }}
{% set week = week_of('event_date') -%}
with weeks as (
    select {{ week }} as week_start
    from {{ ref('active_dates') }}
    where {{ in_scope(week) }}
    group by {{ week }}
),

-- Of each person who was active in the week or the four before: on how many days of the four weeks, and how lately.
people as (
    select
        weeks.week_start,
        activity.person_id,
        min(activity.first_active_date) >= weeks.week_start as is_new,
        sum(activity.active_days) filter (where activity.week_start > weeks.week_start - 28) as days,
        max(activity.week_start) as last_week,
        sum(activity.active_days) filter (where activity.week_start < weeks.week_start) as days_before,
        max(activity.week_start) filter (where activity.week_start < weeks.week_start) as last_week_before
    from weeks
    inner join {{ ref('fact_user_weekly_summary') }} as activity
        on
            activity.week_start >= weeks.week_start - 28
            and activity.week_start <= weeks.week_start
    group by weeks.week_start, activity.person_id
),

segments as (
    select
        week_start,
        case
            when is_new then 'new'
            else {{ segment_of('days_before', 'last_week_before < week_start - 14') }}
        end as segment_before,
        {{ segment_of('days', 'last_week < week_start - 7') }} as segment
    from people
)

select
    week_start,
    segment_before,
    segment,
    count(*) as people
from segments
group by week_start, segment_before, segment
