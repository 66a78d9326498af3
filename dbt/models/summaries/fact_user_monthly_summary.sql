-- One row per person and month in which the person was active.
{{ config(
    indexes=[{'columns': ['person_id', 'month_start'], 'unique': true}, {'columns': ['month_start']}],
    meta={'scope': {'by': 'person_month'}},
) }}
select
    daily.person_id,
    {{ month_of('daily.event_date') }} as month_start,
    min(firsts.first_active_date) as first_active_date,
    count(*)::integer as active_days,
    sum(daily.events)::integer as events,
    sum(daily.sessions)::integer as sessions
from {{ ref('fact_user_daily') }} as daily
inner join {{ ref('fact_first_active_dates') }} as firsts on daily.person_id = firsts.person_id
where daily.is_active and {{ in_scope('daily.person_id', month_of('daily.event_date')) }}
group by daily.person_id, {{ month_of('daily.event_date') }}
{{ in_order_of('month_start') }}
