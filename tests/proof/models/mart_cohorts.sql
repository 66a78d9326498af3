-- One row per first day.
{{ config(
    indexes=[{'columns': ['cohort_date'], 'unique': true}],
    meta={'scope': {'by': 'keys', 'of': 'fact_first_days', 'columns': {'cohort_date': 'first_date'}}},
) }}
select first_date as cohort_date, count(*) as people, sum(days)::bigint as days
from {{ ref('fact_first_days') }}
where {{ in_scope('first_date') }}
group by first_date
