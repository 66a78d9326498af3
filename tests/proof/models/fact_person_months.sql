-- One row per person and month.
{{ config(
    indexes=[{'columns': ['person_id', 'month_start'], 'unique': true}],
    meta={'scope': {'by': 'person_month'}},
) }}
select person_id, {{ month_of('event_date') }} as month_start, count(*) as days
from {{ ref('fact_user_daily') }}
where {{ in_scope('person_id', month_of('event_date')) }}
group by 1, 2
