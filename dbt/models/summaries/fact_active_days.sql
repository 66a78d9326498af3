-- One row per stream of activity, person and date on which the person was active in it; `days_to_next` is the distance
-- to the person's next active day, at most 30 (30 also when there is none).
--
-- Streams: `all`, `learner`, and `dach` (active while living in Germany, Austria or Switzerland); and the slices of
-- `fact_user_slices`.
-- Whoever is active in the window of n <= 30 days that ends on D has exactly one last active day in it: date > D - n
-- and date + days_to_next > D. So the distinct people of any such window are a sum over days, whoever they are.
-- A changed day can change its own row and those of the 30 days before it.
{{ config(
    indexes=[{'columns': ['person_id', 'active_date', 'stream'], 'unique': true}, {'columns': ['active_date']}],
    meta={'scope': {'by': 'person_date', 'column': 'active_date', 'before': var('longest_window_days')}},
) }}
{% set longest = var('longest_window_days') -%}
with days as (
    select
        daily.person_id,
        daily.event_date as active_date,
        daily.is_active,
        daily.is_learner,
        daily.is_active_in_dach,
        {{ 'null::date' if is_full() else 'spans.first_date' }} as first_date,
        {{ 'null::date' if is_full() else 'spans.last_date' }} as last_date
    from {{ ref('fact_user_daily') }} as daily
    {%- if not is_full() %}
    inner join {{ scope_table() }} as spans
        on
            daily.person_id = spans.person_id
            and daily.event_date >= spans.first_date
            and daily.event_date < spans.last_date + {{ longest }}
    {%- endif %}
),

streams as (
    {%- for stream, flag in [('all', 'is_active'), ('learner', 'is_learner'), ('dach', 'is_active_in_dach')] %}
    select
        '{{ stream }}' as stream,
        person_id,
        active_date,
        first_date,
        last_date
    from days
    where {{ flag }}
    union all
    {%- endfor %}
    select
        slices.slice as stream,
        slices.person_id,
        slices.event_date as active_date,
        {{ 'null::date' if is_full() else 'spans.first_date' }} as first_date,
        {{ 'null::date' if is_full() else 'spans.last_date' }} as last_date
    from {{ ref('fact_user_slices') }} as slices
    {%- if not is_full() %}
    inner join {{ scope_table() }} as spans
        on
            slices.person_id = spans.person_id
            and slices.event_date >= spans.first_date
            and slices.event_date < spans.last_date + {{ longest }}
    {%- endif %}
    where slices.is_active
),

distances as (
    select
        stream,
        person_id,
        active_date,
        last_date,
        least(
            lead(active_date) over (partition by person_id, stream, first_date order by active_date) - active_date,
            {{ longest }}
        ) as days_to_next
    from streams
)

select
    stream,
    person_id,
    active_date,
    days_to_next
from distances
{%- if not is_full() %}
where active_date <= last_date
{%- endif %}
{{ in_order_of('active_date') }}
