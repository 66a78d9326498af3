-- One row per day, week or month, attribution model, slice, and channel, source, medium and campaign of the slice.
{{ config(
    indexes=[{
        'columns': ['period', 'period_start', 'model', 'slice', 'channel', 'source', 'medium', 'campaign'], 'unique': true,
    }],
    meta={'scope': {'by': 'periods'}},
) }}
{% set columns = ['channel', 'touch_source', 'touch_medium', 'touch_campaign'] -%}
with touches as (
    select
        periods.period,
        periods.period_start,
        steps.person_id,
        steps.channel,
        steps.touch_source,
        steps.touch_medium,
        steps.touch_campaign,
        count(*) as sessions
    from {{ ref('fact_acquisition_steps') }} as steps
    {{ periods_in_scope('steps.event_date') }}
    where steps.step = 'touch'
    group by
        periods.period, periods.period_start, steps.person_id,
        steps.channel, steps.touch_source, steps.touch_medium, steps.touch_campaign
),

-- What is left of a person's sessions without those that a touch led to is direct.
direct as (
    select
        all_sessions.period,
        all_sessions.period_start,
        all_sessions.person_id,
        all_sessions.sessions - coalesce(touched.sessions, 0) as sessions
    from (
        select
            periods.period,
            periods.period_start,
            daily.person_id,
            sum(daily.sessions) as sessions
        from {{ ref('fact_user_daily') }} as daily
        {{ periods_in_scope('daily.event_date') }}
        where daily.sessions > 0
        group by periods.period, periods.period_start, daily.person_id
    ) as all_sessions
    left join (
        select
            period,
            period_start,
            person_id,
            sum(sessions) as sessions
        from touches
        group by period, period_start, person_id
    ) as touched
        on
            all_sessions.period = touched.period
            and all_sessions.period_start = touched.period_start
            and all_sessions.person_id = touched.person_id
),

-- A row per person and where they came from, of each model.
people as (
    select
        period,
        period_start,
        'session' as model,
        person_id,
        channel,
        touch_source,
        touch_medium,
        touch_campaign,
        sessions,
        null::bigint as sign_ups,
        null::bigint as purchases
    from touches
    union all
    select
        period,
        period_start,
        'session' as model,
        person_id,
        'Direct' as channel,
        '(direct)' as touch_source,
        '(none)' as touch_medium,
        '(not set)' as touch_campaign,
        sessions,
        null::bigint as sign_ups,
        null::bigint as purchases
    from direct
    where sessions > 0
    union all
    select
        periods.period,
        periods.period_start,
        conversions.model,
        conversions.person_id,
        conversions.channel,
        conversions.touch_source,
        conversions.touch_medium,
        conversions.touch_campaign,
        null::numeric as sessions,
        count(*) filter (where conversions.conversion = 'sign_up') as sign_ups,
        count(*) filter (where conversions.conversion = 'purchase') as purchases
    from {{ ref('fact_conversions') }} as conversions
    {{ periods_in_scope('conversions.event_date') }}
    group by
        periods.period, periods.period_start, conversions.model, conversions.person_id,
        conversions.channel, conversions.touch_source, conversions.touch_medium, conversions.touch_campaign
),

-- A row per person in each slice, so that people are told from each other by hashing, and not by sorting all texts.
sliced as (
    {%- for slice, depth in [('all', 0), ('channel', 1), ('campaign', 4)] %}
    select
        period,
        period_start,
        model,
        '{{ slice }}' as slice,
        {%- for column in columns %}
        {{ column if loop.index0 < depth else "'(all)'" }} as {{ column | replace('touch_', '') }},
        {%- endfor %}
        sum(sessions) as sessions,
        sum(sign_ups) as sign_ups,
        sum(purchases) as purchases
    from people
    group by {{ (['period', 'period_start', 'model', 'person_id'] + columns[:depth]) | join(', ') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    period,
    period_start,
    model,
    slice,
    channel,
    source,
    medium,
    campaign,
    count(*) as people,
    sum(sessions)::bigint as sessions,
    sum(sign_ups)::bigint as sign_ups,
    sum(purchases)::bigint as purchases
from sliced
group by period, period_start, model, slice, channel, source, medium, campaign
