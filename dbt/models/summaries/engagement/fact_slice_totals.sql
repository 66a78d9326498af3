-- One row per date and slice in which people did something: sums over these people. macros/slices.sql makes slices.
{{ config(
    indexes=[{'columns': ['event_date', 'slice'], 'unique': true}],
    meta={'scope': {'by': 'event_date'}},
) }}
with days as (
    select *
    from {{ ref('fact_user_daily_dimensions') }}
    where {{ in_scope('event_date') }}
),

sums as (
    select
        days.event_date,
        slices.slice,
        sum(days.sessions)::bigint as sessions,
        sum(days.session_seconds) as session_seconds,
        sum(days.engaged_seconds) as engaged_seconds,
        sum(days.content_starts)::bigint as content_starts,
        sum(days.content_completions)::bigint as content_completions
    from (
        select
            event_date,
            platform,
            country,
            plan,
            channel,
            sum(sessions) as sessions,
            sum(session_seconds) as session_seconds,
            sum(engaged_seconds) as engaged_seconds,
            sum(content_starts) as content_starts,
            sum(content_completions) as content_completions
        from days
        group by event_date, platform, country, plan, channel
    ) as days
    cross join unnest({{ slices('days') }}) as slices (slice)
    group by days.event_date, slices.slice
),

-- Who learned on two platforms is one learner of a country.
learners as (
    select
        event_date,
        slice,
        count(*)::integer as learners
    from (
        select distinct
            days.event_date,
            days.person_id,
            slices.slice
        from days
        cross join unnest({{ slices('days') }}) as slices (slice)
        where days.is_learner
    ) as told_apart
    group by event_date, slice
)

select
    sums.event_date,
    sums.slice,
    coalesce(learners.learners, 0) as learners,
    sums.sessions,
    sums.session_seconds,
    sums.engaged_seconds,
    sums.content_starts,
    sums.content_completions
from sums
left join learners on sums.event_date = learners.event_date and sums.slice = learners.slice
