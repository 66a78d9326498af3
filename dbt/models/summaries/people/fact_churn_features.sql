-- One row per person and last date of a week in whose 28 days the person was active: what was known then, and what came.
--
-- No feature looks beyond `week_end`. Rows of weeks that have not come yet are there, too: no day that passes without the
-- person must change them; the mart leaves them out.
{{ config(
    indexes=[{'columns': ['person_id', 'week_end'], 'unique': true}, {'columns': ['week_end']}],
    meta={'scope': {'by': 'person_date', 'column': 'week_end', 'before': 28, 'after': 55}},
) }}
{% set weights = var('churn_weights') -%}
{% set kinds = {
    'views': 'content_views', 'starts': 'content_starts', 'completions': 'content_completions',
    'community': 'community_events', 'purchases': 'purchases',
} -%}
-- All windows are made of whole weeks, and so is what the person did: of each week of the person, once.
with active_weeks as (
    select
        daily.person_id,
        {{ "date '-infinity'" if is_full() else 'spans.first_date' }} as first_date,
        {{ "date 'infinity'" if is_full() else 'spans.last_date' }} as last_date,
        {{ week_of('daily.event_date') }} + 6 as last_day,
        max(daily.event_date) as last_active_date,
        count(*)::integer as days,
        sum(daily.content_starts)::integer as content_starts,
        sum(daily.content_completions)::integer as content_completions,
        {%- for kind, column in kinds.items() %}
        max((daily.{{ column }} > 0)::integer) as {{ kind }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fact_user_daily') }} as daily
    {%- if not is_full() %}
    inner join {{ scope_table() }} as spans
        on
            daily.person_id = spans.person_id
            and daily.event_date > spans.first_date - 56
            and daily.event_date <= spans.last_date + 28
    {%- endif %}
    where daily.is_active
    group by
        daily.person_id, {{ 'spans.first_date, spans.last_date, ' if not is_full() }}{{ week_of('daily.event_date') }}
),

weeks as (
    select distinct
        active_weeks.person_id,
        active_weeks.first_date,
        active_weeks.last_day + later.weeks * 7 as week_end
    from active_weeks
    cross join generate_series(0, 3) as later (weeks)
    where active_weeks.last_day + later.weeks * 7 between active_weeks.first_date and active_weeks.last_date
),

aged as (
    select
        weeks.person_id,
        weeks.week_end,
        (weeks.week_end - active_weeks.last_day) / 7 as age,
        active_weeks.last_active_date,
        active_weeks.days,
        active_weeks.content_starts,
        active_weeks.content_completions,
        {%- for kind in kinds %}
        active_weeks.{{ kind }}{{ ',' if not loop.last }}
        {%- endfor %}
    from weeks
    inner join active_weeks
        on
            weeks.person_id = active_weeks.person_id
            and weeks.first_date = active_weeks.first_date
            and active_weeks.last_day between weeks.week_end - 49 and weeks.week_end + 28
),

counted as (
    select
        person_id,
        week_end,
        week_end - max(last_active_date) filter (where age >= 0) as days_since_active,
        sum(days) filter (where age between 0 and 3) as days,
        coalesce(sum(days) filter (where age between 0 and 1), 0) as days_now,
        sum(days) filter (where age between 2 and 5) as days_before,
        {%- for name, first, last in [('now', 0, 3), ('before', 4, 7)] %}
        {%- set window = 'filter (where age between ' ~ first ~ ' and ' ~ last ~ ')' %}
        sum(content_completions) {{ window }}::numeric
        / nullif(sum(content_starts) {{ window }}, 0) as completion_{{ name }},
        {%- for kind in kinds %}
        coalesce(max({{ kind }}) {{ window }}, 0){{ ' +' if not loop.last else ' as breadth_' ~ name ~ ',' }}
        {%- endfor %}
        {%- endfor %}
        bool_or(age < 0) as has_returned
    from aged
    group by person_id, week_end
),

features as (
    select
        person_id,
        week_end,
        has_returned,
        round(days_since_active / 27.0, 4) as quiet,
        1 - least(days, 8) / 8.0 as rare,
        round(coalesce(greatest(1 - 2.0 * days_now / nullif(days_before, 0), 0), 0), 4) as falling_frequency,
        round(coalesce(greatest(1 - completion_now / nullif(completion_before, 0), 0), 0), 4) as falling_completion,
        round(coalesce(greatest(1 - breadth_now::numeric / nullif(breadth_before, 0), 0), 0), 4) as falling_breadth
    from counted
)

select
    person_id,
    week_end,
    quiet,
    rare,
    falling_frequency,
    falling_completion,
    falling_breadth,
    round(
        {{ weights.quiet }} * quiet
        + {{ weights.rare }} * rare
        + {{ weights.frequency }} * falling_frequency
        + {{ weights.completion }} * falling_completion
        + {{ weights.breadth }} * falling_breadth,
        2
    ) as score,
    has_returned
from features
{{ in_order_of('week_end') }}
