-- One row per person, date, and platform, country, plan and channel in which the person did something.
--
-- Somebody who used two platforms on a date has a row for each. Bots have no part in it.
{{ config(
    indexes=[
        {'columns': ['person_id', 'event_date', 'platform', 'country', 'plan', 'channel'], 'unique': true},
        {'columns': ['event_date']},
    ],
    meta={'scope': {'by': 'person_date'}},
) }}
{% set idle = var('engaged_idle_seconds') -%}
with events as (
    select
        fact.person_id,
        fact.event_date,
        coalesce(fact.platform, 'unknown') as platform,
        coalesce(dim_user.country, fact.country, 'unknown') as country,
        coalesce(dim_user.plan, 'unknown') as plan,
        coalesce(dim_user.acquisition_channel, 'unknown') as channel,
        fact.is_activity,
        fact.event_type,
        -- The date's last activity is followed by nothing: how long it went on is not known.
        case
            when fact.is_activity then extract(epoch from lead(fact.event_ts) over (
                partition by fact.person_id, fact.event_date, fact.is_activity
                order by fact.event_ts, fact.source, fact.event_id
            ) - fact.event_ts)
        end as seconds_to_next
    from {{ ref('fact_user_events') }} as fact
    left join {{ ref('dim_user') }} as dim_user on fact.user_key = dim_user.user_key
    where not fact.is_bot and {{ in_scope('fact.person_id', 'fact.event_date') }}
),

-- Where the user's version does not tell: as fact_user_daily has it, without waiting for it.
countries as (
    select
        fact.person_id,
        fact.event_date,
        {{ country_of_day('coalesce(dim_user.country, fact.country)', 'fact') }} as country
    from {{ ref('fact_user_events') }} as fact
    left join {{ ref('dim_user') }} as dim_user on fact.user_key = dim_user.user_key
    where (fact.person_id, fact.event_date) in (
        select
            sessions.person_id,
            sessions.session_date
        from {{ ref('fact_sessions') }} as sessions
        left join {{ ref('dim_user') }} as versions on sessions.user_key = versions.user_key
        where
            versions.country is null
            and not sessions.is_bot
            and {{ in_scope('sessions.person_id', 'sessions.session_date') }}
    )
    group by fact.person_id, fact.event_date
),

parts as (
    select
        person_id,
        event_date,
        platform,
        country,
        plan,
        channel,
        bool_or(is_activity) as is_active,
        bool_or(is_activity and event_type = any({{ text_array(var('learning_events')) }})) as is_learner,
        coalesce(round(sum(case when seconds_to_next > {{ idle }} then {{ idle }} else seconds_to_next end), 3), 0)
            as engaged_seconds,
        count(*) filter (where event_type = 'content_start')::integer as content_starts,
        count(*) filter (where event_type = 'content_complete')::integer as content_completions,
        0 as sessions,
        0.000 as session_seconds
    from events
    group by person_id, event_date, platform, country, plan, channel
    union all
    select
        sessions.person_id,
        sessions.session_date as event_date,
        coalesce(sessions.platform, 'unknown') as platform,
        coalesce(dim_user.country, countries.country, 'unknown') as country,
        coalesce(dim_user.plan, 'unknown') as plan,
        coalesce(dim_user.acquisition_channel, 'unknown') as channel,
        false as is_active,
        false as is_learner,
        0 as engaged_seconds,
        0 as content_starts,
        0 as content_completions,
        count(*)::integer as sessions,
        sum(sessions.duration_seconds) as session_seconds
    from {{ ref('fact_sessions') }} as sessions
    left join {{ ref('dim_user') }} as dim_user on sessions.user_key = dim_user.user_key
    left join countries
        on sessions.person_id = countries.person_id and sessions.session_date = countries.event_date
    where not sessions.is_bot and {{ in_scope('sessions.person_id', 'sessions.session_date') }}
    group by
        sessions.person_id,
        sessions.session_date,
        coalesce(sessions.platform, 'unknown'),
        coalesce(dim_user.country, countries.country, 'unknown'),
        coalesce(dim_user.plan, 'unknown'),
        coalesce(dim_user.acquisition_channel, 'unknown')
)

select
    person_id,
    event_date,
    platform,
    country,
    plan,
    channel,
    bool_or(is_active) as is_active,
    bool_or(is_learner) as is_learner,
    sum(sessions)::integer as sessions,
    sum(session_seconds) as session_seconds,
    sum(engaged_seconds) as engaged_seconds,
    sum(content_starts)::integer as content_starts,
    sum(content_completions)::integer as content_completions
from parts
group by person_id, event_date, platform, country, plan, channel
{{ in_order_of('event_date') }}
