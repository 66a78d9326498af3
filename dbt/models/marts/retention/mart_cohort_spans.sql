-- One row per date of first activity and date of last activity: how many people.
{{ config(
    indexes=[{'columns': ['first_active_date', 'last_active_date'], 'unique': true}],
    meta={'scope': {
        'by': 'keys',
        'of': 'fact_active_spans',
        'columns': {'first_active_date': 'first_active_date', 'last_active_date': 'last_active_date'},
    }},
) }}
select
    first_active_date,
    last_active_date,
    count(*) as people
from {{ ref('fact_active_spans') }}
where {{ in_scope('first_active_date', 'last_active_date') }}
group by first_active_date, last_active_date
