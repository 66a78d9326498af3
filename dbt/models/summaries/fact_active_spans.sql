-- One row per person who was ever active: the first and the last date of it.
{{ config(
    indexes=[
        {'columns': ['person_id'], 'unique': true},
        {'columns': ['first_active_date', 'last_active_date']},
    ],
    meta={'scope': {'by': 'person_id'}},
) }}
select
    firsts.person_id,
    firsts.first_active_date,
    lasts.event_date as last_active_date
from {{ ref('fact_first_active_dates') }} as firsts
cross join lateral (
    select daily.event_date
    from {{ ref('fact_user_daily') }} as daily
    where daily.person_id = firsts.person_id and daily.is_active
    order by daily.event_date desc
    limit 1
) as lasts
where {{ in_scope('firsts.person_id') }}
