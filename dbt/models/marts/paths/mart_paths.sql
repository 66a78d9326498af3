-- One row per date, event and the event that followed it in the same session.
{{ config(
    indexes=[{'columns': ['session_date', 'from_event', 'to_event'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'session_date'}},
) }}
with transitions as (
    select
        sessions.session_key,
        sessions.session_date,
        sessions.person_id,
        steps.from_event,
        steps.to_event
    from {{ ref('fact_sessions') }} as sessions
    cross join lateral unnest(
        array_prepend('(entry)', sessions.event_names), array_append(sessions.event_names, '(exit)')
    ) as steps (from_event, to_event)
    where not sessions.is_bot and {{ in_scope('sessions.session_date') }}
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
