-- One row per actor, event date and span of time in which something may change. Work for the sessions and for
-- everything that is kept per actor and date.
--
-- Changed are the events of the load days, as they are now (raw) and as they were built last (the fact), those that
-- arrived on several days (any of them may be the one that counts), and those whose user has another history now.
-- A span reaches 30 minutes, the idle time, beyond them, and takes in every island of activity that it overlaps, as
-- the sessions have it. So an event outside is unchanged, and so is its distance of more than 30 minutes to everything
-- inside: sessionising the inside alone is exact. Islands lie more than 30 minutes apart: to take one in reaches no
-- other.
-- Spans of one actor are disjoint. They are split at midnight (UTC), to be joined by date.
-- Spans of builds that failed are carried on.
{{ config(
    indexes=[{'columns': ['actor_id', 'event_date']}],
    post_hook="analyze {{ this }}",
) }}
-- depends_on: {{ ref('work_build') }}
{% set previous = built('work_actor_window') -%}
{% set fact = built('fact_user_events') -%}
{% set sessions = built('fact_sessions') -%}
{% set idle = "interval '" ~ var('session_idle_minutes') ~ " minutes'" -%}
{% if is_full() -%}
select
    null::text as actor_id,
    null::date as event_date,
    null::timestamptz as window_start,
    null::timestamptz as window_end,
    0::bigint as build_id
where false -- a full build needs no list
{%- else -%}
with changed_events as (
    select
        actor_id,
        event_date,
        event_ts
    from {{ ref('stg_user_events') }}
    where load_date = any({{ load_days() }})
    union all
    select
        actor_id,
        event_date,
        event_ts
    from {{ fact }}
    where load_date = any({{ load_days() }})
    union all
    select
        repeats.actor_id,
        repeats.event_date,
        repeats.event_ts
    from {{ ref('work_repeats') }} as repeats
    where {{ is_unfinished('repeats') }}
    union all
    select
        fact.actor_id,
        fact.event_date,
        fact.event_ts
    from {{ ref('work_changed') }} as changed
    inner join {{ fact }} as fact
        on
            changed.thing_id = fact.actor_id
            and changed.thing_id = fact.user_id
            and fact.event_date >= (changed.since at time zone 'UTC')::date
            and fact.event_ts >= changed.since
    where changed.thing = 'user'
),

windows as (
    select
        actor_id,
        min(event_ts) - {{ idle }} as span_start,
        max(event_ts) + {{ idle }} as span_end,
        true as is_window
    from changed_events
    group by actor_id, event_date
    {%- if previous is not none %}
    union all
    select
        actor_id,
        window_start as span_start,
        window_end as span_end,
        true as is_window
    from {{ previous }} as previous
    where {{ is_unfinished('previous') }}
    {%- endif %}
),

spans as (
    select *
    from windows
    {%- if sessions is not none %}
    union all
    select distinct
        sessions.actor_id,
        sessions.island_start as span_start,
        sessions.island_end as span_end,
        false as is_window
    from (
        select
            actor_id,
            min(span_start) as first_start,
            max(span_end) as last_end
        from windows
        group by actor_id
    ) as reach
    inner join {{ sessions }} as sessions
        on
            reach.actor_id = sessions.actor_id
            and reach.first_start <= sessions.island_end
            and reach.last_end >= sessions.island_start
    {%- endif %}
),

-- Spans that overlap or touch make one.
begun as (
    select
        *,
        coalesce(
            span_start > max(span_end) over (
                partition by actor_id
                order by span_start, span_end
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_new
    from spans
),

numbered as (
    select
        *,
        count(*) filter (where is_new) over (
            partition by actor_id
            order by span_start, span_end
            rows unbounded preceding
        ) as merged_no
    from begun
),

merged as (
    select
        actor_id,
        min(span_start) as window_start,
        max(span_end) as window_end
    from numbered
    group by actor_id, merged_no
    having bool_or(is_window)
)

select
    merged.actor_id,
    dates.day::date as event_date,
    greatest(merged.window_start, dates.day at time zone 'UTC') as window_start,
    least(merged.window_end, (dates.day + interval '1 day') at time zone 'UTC') as window_end,
    {{ build_id() }}::bigint as build_id
from merged
cross join lateral generate_series(
    date_trunc('day', merged.window_start at time zone 'UTC'),
    date_trunc('day', merged.window_end at time zone 'UTC'),
    interval '1 day'
) as dates (day)
{%- endif %}
