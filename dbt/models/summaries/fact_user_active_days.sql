-- One row per person and date on which the person was active, with the first such date.
{{ config(
    indexes=[{'columns': ['person_id', 'event_date'], 'unique': true}, {'columns': ['event_date']}],
    meta={'scope': {'by': 'person_date'}},
) }}
select
    daily.person_id,
    daily.event_date,
    firsts.first_active_date
from {{ ref('fact_user_daily') }} as daily
inner join {{ ref('fact_first_active_dates') }} as firsts on daily.person_id = firsts.person_id
where daily.is_active and {{ in_scope('daily.person_id', 'daily.event_date') }}
{{ in_order_of('event_date') }}
