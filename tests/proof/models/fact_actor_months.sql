-- One row per actor and month.
{{ config(
    indexes=[{'columns': ['actor_id', 'month_start'], 'unique': true}],
    meta={'scope': {'by': 'actor_month'}},
) }}
select actor_id, {{ month_of('event_date') }} as month_start, count(*) as days
from {{ ref('fact_user_daily') }}
where {{ in_scope('actor_id', month_of('event_date')) }}
group by 1, 2
