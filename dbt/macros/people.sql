{#- What several marts and views of people have in common; read whole, also where a view hides small cells. -#}

{#-
    The segment of somebody who was active before. The arguments are expressions.
    days: on how many of the 28 days before the segment is known; null on none. is_long_ago: not in the last two weeks.
-#}
{% macro segment_of(days, is_long_ago) -%}
    case
            when {{ days }} is null then 'dormant'
            when {{ is_long_ago }} then 'at_risk'
            when {{ days }} >= {{ var('highly_engaged_days') }} then 'highly_engaged'
            else 'casual'
        end
{%- endmacro %}

{#- One row per week, segment of the week before and segment of the week: how many people moved so, or stayed. -#}
{% macro segment_moves(mart) -%}
with moves as (
    select
        week_start,
        segment_before,
        segment,
        people::numeric as people
    from {{ mart }}
    union all
    -- Those who are dormant in both weeks: all who became dormant by the week before, less those who came back by now.
    select
        week_start,
        'dormant' as segment_before,
        'dormant' as segment,
        sum(sum(people) filter (where segment = 'dormant')) over (
            order by week_start rows between unbounded preceding and 1 preceding
        ) - coalesce(sum(sum(people) filter (where segment_before = 'dormant')) over (order by week_start), 0) as people
    from {{ mart }}
    group by week_start
)

select
    week_start,
    segment_before,
    segment,
    people::bigint as people,
    week_start + 6 <= (select max(dates.event_date) from {{ ref('active_dates') }} as dates) as is_complete
from moves
where people > 0
{%- endmacro %}

{#- One row per week and band of ten hundredths of the churn score: how many people are in it, how many left. -#}
{% macro churn_bands(mart) -%}
with last_date as (
    select max(event_date) as event_date from {{ ref('active_dates') }}
),

bands as (
    select
        churn.week_end,
        round(least(floor(churn.score * 10) / 10, 0.9), 1) as score_from,
        churn.week_end + 28 <= last_date.event_date as is_known,
        sum(churn.people) as people,
        sum(churn.people - churn.people_returned) as churned,
        sum(churn.score * churn.people) as scores,
        sum(churn.quiet) as quiet,
        sum(churn.rare) as rare,
        sum(churn.falling_frequency) as falling_frequency,
        sum(churn.falling_completion) as falling_completion,
        sum(churn.falling_breadth) as falling_breadth
    from {{ mart }} as churn
    inner join last_date on churn.week_end <= last_date.event_date
    group by churn.week_end, round(least(floor(churn.score * 10) / 10, 0.9), 1), last_date.event_date
)

select
    week_end,
    score_from,
    people::bigint as people,
    round(scores / people, 4) as mean_score,
    round(quiet / people, 4) as mean_quiet,
    round(rare / people, 4) as mean_rare,
    round(falling_frequency / people, 4) as mean_falling_frequency,
    round(falling_completion / people, 4) as mean_falling_completion,
    round(falling_breadth / people, 4) as mean_falling_breadth,
    case when is_known then churned::bigint end as people_churned,
    case when is_known then round(churned / people, 4) end as churn_rate
from bands
{%- endmacro %}
