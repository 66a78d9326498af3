-- One row per touch and per conversion of a person: `touch`, `sign_up` or `purchase`. Bots have no part in it.
--
-- A touch is the first event of a session that says where the person came from. It has the date on which its session
-- starts, as the session has. A session without one is direct, and has no row.
-- An event of a date can belong to a session of up to two dates before: 24 hours over a midnight that an hour was cut from.
{{ config(
    indexes=[
        {'columns': ['person_id', 'event_date', 'event_ts', 'source', 'event_id', 'step'], 'unique': true},
        {'columns': ['event_date']},
    ],
    meta={'scope': {'by': 'person_date', 'before': 2}},
) }}
with session_dates as (
    select
        sessions.person_id,
        sessions.producer_session_id,
        sessions.session_date,
        sessions.started_at,
        sessions.ended_at,
        sessions.session_date + later.days as event_date
    from {{ ref('fact_sessions') }} as sessions
    {%- if not is_full() %}
    inner join {{ scope_table() }} as spans
        on
            sessions.person_id = spans.person_id
            and sessions.session_date between spans.first_date and spans.last_date
    {%- endif %}
    inner join (values (0), (1), (2)) as later (days)
        on sessions.session_date + later.days <= {{ last_date_until('sessions.ended_at') }}
    where not sessions.is_bot
),

led as (
    select
        sessions.person_id,
        sessions.producer_session_id,
        sessions.session_date,
        sessions.started_at,
        fact.event_ts,
        fact.source,
        fact.event_id,
        fact.page_path,
        coalesce(fact.utm_source, '') as utm_source,
        coalesce(fact.utm_medium, '') as utm_medium,
        coalesce(fact.utm_campaign, '') as utm_campaign,
        coalesce(fact.referrer, '') as referrer
    from session_dates as sessions
    inner join {{ ref('fact_user_events') }} as fact
        on
            sessions.person_id = fact.person_id
            and sessions.event_date = fact.event_date
            and sessions.producer_session_id = {{ producer_session_id('fact') }}
            and fact.event_ts between sessions.started_at and sessions.ended_at
    where
        fact.is_activity
        and coalesce(fact.utm_source, fact.utm_medium, fact.utm_campaign, fact.referrer) is not null
),

-- The same few places lead to most sessions: what is said of them is worked out once for each.
places as materialized (
    select
        utm_source,
        utm_medium,
        utm_campaign,
        referrer,
        {{ source_of('utm_source', 'utm_medium', 'utm_campaign', 'referrer') }} as touch_source,
        {{ medium_of('utm_source', 'utm_medium', 'utm_campaign', 'referrer') }} as touch_medium,
        {{ known_origin('utm_campaign') }} as touch_campaign
    from led
    group by utm_source, utm_medium, utm_campaign, referrer
),

channels as materialized (
    select
        *,
        {{ channel_of('touch_source', 'touch_medium', 'touch_campaign') }} as channel
    from places
    where coalesce(touch_source, touch_medium, touch_campaign) is not null
),

touches as (
    select distinct on (led.person_id, led.producer_session_id, led.started_at)
        led.person_id,
        led.session_date,
        led.event_ts,
        led.source,
        led.event_id,
        led.page_path,
        channels.channel,
        channels.touch_source,
        channels.touch_medium,
        channels.touch_campaign
    from led
    inner join channels
        on
            led.utm_source = channels.utm_source
            and led.utm_medium = channels.utm_medium
            and led.utm_campaign = channels.utm_campaign
            and led.referrer = channels.referrer
    order by led.person_id, led.producer_session_id, led.started_at, led.event_ts, led.source, led.event_id
)

select
    person_id,
    session_date as event_date,
    event_ts,
    source,
    event_id,
    'touch' as step,
    channel,
    coalesce(touch_source, '(not set)') as touch_source,
    coalesce(touch_medium, '(not set)') as touch_medium,
    coalesce(touch_campaign, '(not set)') as touch_campaign,
    page_path as landing_page,
    null::numeric as amount,
    null::text as currency
from touches
union all
select
    fact.person_id,
    fact.event_date,
    fact.event_ts,
    fact.source,
    fact.event_id,
    fact.event_type as step,
    null as channel,
    null as touch_source,
    null as touch_medium,
    null as touch_campaign,
    null as landing_page,
    fact.amount,
    fact.currency
from {{ ref('fact_user_events') }} as fact
{%- if not is_full() %}
inner join {{ scope_table() }} as spans
    on fact.person_id = spans.person_id and fact.event_date between spans.first_date and spans.last_date
{%- endif %}
where fact.event_type in ('sign_up', 'purchase') and not fact.is_bot
{{ in_order_of('event_date') }}
