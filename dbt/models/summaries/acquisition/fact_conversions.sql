-- One row per conversion and attribution model: which touch a sign-up or a purchase is attributed to.
--
-- A touch at the time of the conversion, or in the 90 days before it, counts. Without any the conversion is direct.
-- A touch has the date of its session's start, which lies at most two days before the touch: hence the three days more.
{% set days = var('conversion_days') + 3 -%}
{{ config(
    indexes=[
        {'columns': ['person_id', 'event_date', 'event_ts', 'source', 'event_id', 'model'], 'unique': true},
        {'columns': ['event_date']},
    ],
    meta={'scope': {'by': 'person_date', 'after': var('conversion_days') + 3}},
) }}
with steps as (
    select
        steps.*,
        {{ "date '-infinity'" if is_full() else 'spans.first_date' }} as first_date
    from {{ ref('fact_acquisition_steps') }} as steps
    {%- if not is_full() %}
    inner join {{ scope_table() }} as spans
        on
            steps.person_id = spans.person_id
            and steps.event_date between spans.first_date - {{ days }} and spans.last_date
    {%- endif %}
),

numbered as (
    select
        *,
        row_number() over (partition by person_id, first_date order by event_ts, source, event_id, step) as step_no
    from steps
),

paths as (
    select
        *,
        min(step_no) filter (where step = 'touch') over looking_back as first_touch_no,
        max(step_no) filter (where step = 'touch') over looking_back as last_touch_no
    from numbered
    window looking_back as (
        partition by person_id, first_date
        order by event_ts
        range between interval '{{ var("conversion_days") }} days' preceding and current row
    )
),

conversions as (
    {%- for model, touch_no in [('first_touch', 'first_touch_no'), ('last_non_direct', 'last_touch_no')] %}
    select
        *,
        '{{ model }}' as model,
        {{ touch_no }} as touch_no
    from paths
    where step <> 'touch' and event_date >= first_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    conversions.person_id,
    conversions.event_date,
    conversions.event_ts,
    conversions.source,
    conversions.event_id,
    conversions.model,
    conversions.step as conversion,
    coalesce(touches.channel, 'Direct') as channel,
    coalesce(touches.touch_source, '(direct)') as touch_source,
    coalesce(touches.touch_medium, '(none)') as touch_medium,
    coalesce(touches.touch_campaign, '(not set)') as touch_campaign,
    touches.landing_page,
    touches.event_ts as touched_at,
    conversions.amount,
    conversions.currency
from conversions
left join numbered as touches
    on
        conversions.person_id = touches.person_id
        and conversions.first_date = touches.first_date
        and conversions.touch_no = touches.step_no
{{ in_order_of('conversions.event_date') }}
