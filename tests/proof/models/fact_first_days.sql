-- One row per person who was ever active: the first day of it.
{{ config(
    indexes=[{'columns': ['person_id'], 'unique': true}],
    meta={'scope': {'by': 'person_id'}},
) }}
select person_id, min(event_date) as first_date, count(*) as days
from {{ ref('fact_user_daily') }}
where is_active and {{ in_scope('person_id') }}
group by person_id
