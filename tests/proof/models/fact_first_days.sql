-- One row per actor who was ever active: the first day of it.
{{ config(
    indexes=[{'columns': ['actor_id'], 'unique': true}],
    meta={'scope': {'by': 'actor_id'}},
) }}
select actor_id, min(event_date) as first_date, count(*) as days
from {{ ref('fact_user_daily') }}
where is_active and {{ in_scope('actor_id') }}
group by actor_id
