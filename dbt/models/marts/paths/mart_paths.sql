-- One row per date, event and the event that followed it in the same session.
{{ config(
    indexes=[{'columns': ['session_date', 'from_event', 'to_event'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'session_date', 'before': 1}},
) }}
-- A session that goes on over midnight has events of two dates.
with sessions as (
    select
        sessions.session_key,
        sessions.session_date,
        sessions.person_id,
        sessions.producer_session_id,
        sessions.started_at,
        sessions.ended_at,
        dates.event_date
    from {{ ref('fact_sessions') }} as sessions
    cross join lateral (
        select sessions.session_date as event_date
        union
        select {{ date_of('sessions.ended_at') }} as event_date
    ) as dates
    where not sessions.is_bot and {{ in_scope('sessions.session_date') }}
),

events as (
    select
        sessions.session_key,
        sessions.session_date,
        sessions.person_id,
        case when fact.event_type = 'custom' then fact.event_name else fact.event_type end as event_name,
        row_number() over in_session as event_no,
        lead(case when fact.event_type = 'custom' then fact.event_name else fact.event_type end) over in_session
            as next_event_name
    from sessions
    inner join {{ ref('fact_user_events') }} as fact
        on
            sessions.person_id = fact.person_id
            and sessions.event_date = fact.event_date
            and sessions.producer_session_id = {{ producer_session_id('fact') }}
            and fact.event_ts between sessions.started_at and sessions.ended_at
    where fact.is_activity
    window in_session as (partition by sessions.session_key order by fact.event_ts, fact.source, fact.event_id)
),

transitions as (
    select
        session_key,
        session_date,
        person_id,
        event_name as from_event,
        coalesce(next_event_name, '(exit)') as to_event
    from events
    union all
    select
        session_key,
        session_date,
        person_id,
        '(entry)' as from_event,
        event_name as to_event
    from events
    where event_no = 1
),

-- Sessions, then people, are told from each other by hashing: a count of distinct ones would sort all transitions.
by_session as (
    select
        session_date,
        from_event,
        to_event,
        person_id,
        count(*) as transitions
    from transitions
    group by session_date, from_event, to_event, person_id, session_key
),

by_person as (
    select
        session_date,
        from_event,
        to_event,
        sum(transitions) as transitions,
        count(*) as sessions
    from by_session
    group by session_date, from_event, to_event, person_id
)

select
    session_date,
    from_event,
    to_event,
    sum(transitions)::bigint as transitions,
    sum(sessions)::bigint as sessions,
    count(*) as people
from by_person
group by session_date, from_event, to_event
