-- One row per person and last date of a week in whose 28 days the person was active: what was known then, and what came.
--
-- No feature looks beyond `week_end`. Rows of weeks that have not come yet are there, too: no day that passes without the
-- person must change them; the mart leaves them out.
{{ config(
    indexes=[{'columns': ['person_id', 'week_end'], 'unique': true}, {'columns': ['week_end']}],
    meta={'scope': {'by': 'person_date', 'column': 'week_end', 'before': 28, 'after': 55}},
) }}
{% set weights = var('churn_weights') -%}
with weeks as (
    select distinct
        daily.person_id,
        {{ week_of('daily.event_date') }} + 6 + later.weeks * 7 as week_end
    from {{ ref('fact_user_daily') }} as daily
    cross join generate_series(0, 3) as later (weeks)
    {%- if not is_full() %}
    inner join {{ scope_table() }} as spans
        on
            daily.person_id = spans.person_id
            and daily.event_date > spans.first_date - 28
            and daily.event_date <= spans.last_date
            and {{ week_of('daily.event_date') }} + 6 + later.weeks * 7 between spans.first_date and spans.last_date
    {%- endif %}
    where daily.is_active
),

days as (
    select
        weeks.person_id,
        weeks.week_end,
        weeks.week_end - daily.event_date as age,
        daily.content_starts,
        daily.content_completions,
        (daily.content_views > 0)::integer as views,
        (daily.content_starts > 0)::integer as starts,
        (daily.content_completions > 0)::integer as completions,
        (daily.community_events > 0)::integer as community,
        (daily.purchases > 0)::integer as purchases
    from weeks
    inner join {{ ref('fact_user_daily') }} as daily
        on
            weeks.person_id = daily.person_id
            and daily.event_date > weeks.week_end - 56
            and daily.event_date <= weeks.week_end + 28
    where daily.is_active
),

counted as (
    select
        person_id,
        week_end,
        min(age) filter (where age >= 0) as days_since_active,
        count(*) filter (where age between 0 and 27) as days,
        count(*) filter (where age between 0 and 13) as days_now,
        count(*) filter (where age between 14 and 41) as days_before,
        {%- for name, first, last in [('now', 0, 27), ('before', 28, 55)] %}
        {%- set window = 'filter (where age between ' ~ first ~ ' and ' ~ last ~ ')' %}
        sum(content_completions) {{ window }}::numeric
        / nullif(sum(content_starts) {{ window }}, 0) as completion_{{ name }},
        {%- for kind in ['views', 'starts', 'completions', 'community', 'purchases'] %}
        coalesce(max({{ kind }}) {{ window }}, 0){{ ' +' if not loop.last else ' as breadth_' ~ name ~ ',' }}
        {%- endfor %}
        {%- endfor %}
        bool_or(age < 0) as has_returned
    from days
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
