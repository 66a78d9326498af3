-- One row per session of a person.
--
-- Activity of at most 30 minutes apart makes an island of activity, across midnight, too. An island is cut every 24 hours
-- from its first event; a session is a piece that has events. It belongs to the date on which it starts.
-- Where the producer's session_id makes the sessions, an island is activity with the same id at most 24 hours apart. An
-- id that comes again days later begins another island.
-- A build sessionises the windows of macros/core_scopes.sql anew, see there why that is exact.
{{ config(
    indexes=[
        {'columns': ['person_id', 'producer_session_id', 'started_at'], 'unique': true},
        {'columns': ['person_id', 'island_end']},
        {'columns': ['person_id', 'session_date']},
        {'columns': ['session_date']},
    ],
    meta={'scope': {'by': 'session_window'}, 'keys': {'event_date': 'session_date'}},
) }}
with events as (
    select
        fact.source,
        fact.event_id,
        fact.person_id,
        {{ producer_session_id('fact') }} as producer_session_id,
        fact.event_ts,
        fact.event_type,
        case when fact.event_type = 'custom' then fact.event_name else fact.event_type end as event_name,
        fact.platform,
        fact.user_key,
        fact.is_bot
    from {{ ref('fact_user_events') }} as fact
    {%- if not is_full() %}
    inner join {{ scope_table() }} as windows
        on
            fact.person_id = windows.person_id
            and {{ producer_session_id('fact') }} = windows.producer_session_id
            and fact.event_date = windows.event_date
            and fact.event_ts >= windows.window_start
            and fact.event_ts <= windows.window_end
    {%- endif %}
    where fact.is_activity -- what a server sends for a person is no visit
),

begun as (
    select
        *,
        coalesce(
            event_ts - lag(event_ts) over (partition by person_id, producer_session_id order by event_ts)
            > {{ longest_gap('producer_session_id') }},
            true
        ) as is_new
    from events
),

-- An island starts with the latest event so far that began one.
islands as (
    select
        *,
        max(event_ts) filter (where is_new) over (
            partition by person_id, producer_session_id
            order by event_ts
        ) as island_start
    from begun
),

pieces as (
    select
        *,
        date_bin('{{ var("session_hours_at_most") }} hours', event_ts, island_start) as piece_start
    from islands
),

-- One order for first and last: the events of a session are sorted once.
sessions as (
    select
        person_id,
        producer_session_id,
        island_start,
        min(event_ts) as started_at,
        max(event_ts) as ended_at,
        count(*)::integer as events,
        (array_agg(user_key order by event_ts, source, event_id))[1] as user_key,
        (array_agg(platform order by event_ts, source, event_id))[1] as platform,
        (array_agg(event_type order by event_ts, source, event_id))[1] as first_event_type,
        (array_agg(event_type order by event_ts, source, event_id))[count(*)] as last_event_type,
        array_agg(event_name order by event_ts, source, event_id) as event_names,
        count(*) filter (where event_type = 'content_complete')::integer as content_completions,
        bool_or(is_bot) as is_bot
    from pieces
    group by person_id, producer_session_id, island_start, piece_start
)

select
    {{ hash_key(['person_id', epoch('started_at'), 'producer_session_id']) }} as session_key,
    person_id,
    user_key,
    started_at,
    ended_at,
    {{ date_of('started_at') }} as session_date,
    round(extract(epoch from ended_at - started_at), 3) as duration_seconds,
    events,
    platform,
    first_event_type,
    last_event_type,
    event_names,
    content_completions,
    is_bot,
    producer_session_id,
    island_start,
    max(ended_at) over (partition by person_id, producer_session_id, island_start) as island_end
from sessions
{{ in_order_of('started_at') }}
