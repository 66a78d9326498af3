-- One row per day, week or month, attribution model, slice, and channel, source, medium and campaign of the slice.
{{ config(
    indexes=[{
        'columns': ['period', 'period_start', 'model', 'slice', 'channel', 'source', 'medium', 'campaign'], 'unique': true,
    }],
    meta={'scope': {'by': 'periods'}},
) }}
{% set place = ['channel', 'touch_source', 'touch_medium', 'touch_campaign'] -%}
{% set sums = ['sessions', 'sign_ups', 'purchases'] -%}
{% set summed -%}
    sum(sessions) as sessions, sum(sign_ups) as sign_ups, sum(purchases) as purchases
{%- endset -%}
with origins as (
    select
        event_date,
        'session' as model,
        person_id,
        {{ place | join(', ') }},
        1 as sessions,
        null::integer as sign_ups,
        null::integer as purchases
    from {{ ref('fact_acquisition_steps') }}
    where step = 'touch' and {{ is_in_periods('event_date') }}
    union all
    select
        event_date,
        model,
        person_id,
        {{ place | join(', ') }},
        null as sessions,
        (conversion = 'sign_up')::integer as sign_ups,
        (conversion = 'purchase')::integer as purchases
    from {{ ref('fact_conversions') }}
    where {{ is_in_periods('event_date') }}
),

-- Numbers for where people came from: they are told from each other by these, and not by four texts.
places as materialized (
    select
        {{ place | join(', ') }},
        row_number() over () as place_no,
        dense_rank() over (order by channel) as channel_no
    from origins
    group by {{ place | join(', ') }}
),

people as (
    select
        periods.period,
        periods.period_start,
        origins.model,
        origins.person_id,
        places.place_no,
        places.channel_no,
        {%- for name in sums %}
        sum(origins.{{ name }})::integer as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from origins
    {{ periods_in_scope('origins.event_date') }}
    inner join places
        on
            {%- for column in place %}
            {{ 'and ' if not loop.first }}origins.{{ column }} = places.{{ column }}
            {%- endfor %}
    group by
        periods.period, periods.period_start, origins.model, origins.person_id, places.place_no, places.channel_no
),

-- All sessions of a person. What is left of them without those that a touch led to is direct.
visits as (
    select
        period,
        period_start,
        person_id,
        sum(sessions) as sessions,
        sum(touched) as touched
    from (
        select
            periods.period,
            periods.period_start,
            daily.person_id,
            daily.sessions,
            0 as touched
        from {{ ref('fact_user_daily') }} as daily
        {{ periods_in_scope('daily.event_date') }}
        where daily.sessions > 0
        union all
        select
            period,
            period_start,
            person_id,
            0 as sessions,
            sessions as touched
        from people
        where model = 'session'
    ) as both_kinds
    group by period, period_start, person_id
),

channels as (
    select
        period,
        period_start,
        model,
        channel_no,
        count(*) as people,
        {{ summed }}
    from (
        select
            period,
            period_start,
            model,
            channel_no,
            {{ summed }}
        from people
        group by period, period_start, model, person_id, channel_no
    ) as told_apart
    group by period, period_start, model, channel_no
),

campaigns as (
    select
        period,
        period_start,
        model,
        place_no,
        count(*) as people,
        {{ summed }}
    from people
    group by period, period_start, model, place_no
),

everywhere as (
    select
        period,
        period_start,
        model,
        count(*) as people,
        {{ summed }}
    from (
        select
            period,
            period_start,
            'session' as model,
            greatest(sessions, touched) as sessions,
            null::numeric as sign_ups,
            null::numeric as purchases
        from visits
        union all
        select
            period,
            period_start,
            model,
            sum(sessions) as sessions,
            sum(sign_ups) as sign_ups,
            sum(purchases) as purchases
        from people
        where model <> 'session'
        group by period, period_start, model, person_id
    ) as told_apart
    group by period, period_start, model
),

-- No touch is direct: it says where somebody came from.
direct as (
    select
        period,
        period_start,
        count(*) as people,
        sum(sessions - touched) as sessions
    from visits
    where sessions > touched
    group by period, period_start
)

select
    period,
    period_start,
    model,
    'all' as slice,
    '(all)' as channel,
    '(all)' as source,
    '(all)' as medium,
    '(all)' as campaign,
    people,
    sessions::bigint,
    sign_ups::bigint,
    purchases::bigint
from everywhere
union all
select
    channels.period,
    channels.period_start,
    channels.model,
    'channel' as slice,
    names.channel,
    '(all)' as source,
    '(all)' as medium,
    '(all)' as campaign,
    channels.people,
    channels.sessions::bigint,
    channels.sign_ups::bigint,
    channels.purchases::bigint
from channels
inner join (
    select
        channel_no,
        channel
    from places
    group by channel_no, channel
) as names
    on channels.channel_no = names.channel_no
union all
select
    campaigns.period,
    campaigns.period_start,
    campaigns.model,
    'campaign' as slice,
    places.channel,
    places.touch_source as source,
    places.touch_medium as medium,
    places.touch_campaign as campaign,
    campaigns.people,
    campaigns.sessions::bigint,
    campaigns.sign_ups::bigint,
    campaigns.purchases::bigint
from campaigns
inner join places on campaigns.place_no = places.place_no
union all
select
    direct.period,
    direct.period_start,
    'session' as model,
    slices.slice,
    'Direct' as channel,
    slices.source,
    slices.medium,
    slices.campaign,
    direct.people,
    direct.sessions::bigint,
    null as sign_ups,
    null as purchases
from direct
cross join (
    values ('channel', '(all)', '(all)', '(all)'), ('campaign', '(direct)', '(none)', '(not set)')
) as slices (slice, source, medium, campaign)
