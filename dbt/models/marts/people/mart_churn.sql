-- One row per last date of a week and churn score: how many people have it, and how many of them were active again.
{{ config(
    indexes=[{'columns': ['week_end', 'score'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'week_end'}},
) }}
select
    week_end,
    score,
    count(*) as people,
    count(*) filter (where has_returned) as people_returned,
    sum(quiet) as quiet,
    sum(rare) as rare,
    sum(falling_frequency) as falling_frequency,
    sum(falling_completion) as falling_completion,
    sum(falling_breadth) as falling_breadth
from {{ ref('fact_churn_features') }}
where {{ in_scope('week_end') }}
group by week_end, score
