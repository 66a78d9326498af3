-- One row per person and month in which the person was active.
{{ config(
    indexes=[{'columns': ['person_id', 'month_start'], 'unique': true}, {'columns': ['month_start']}],
    meta={'scope': {'by': 'person_month'}},
) }}
with months as (
    select
        daily.person_id,
        {{ month_of('daily.event_date') }} as month_start,
        count(*)::integer as active_days,
        sum(daily.events)::integer as events,
        sum(daily.sessions)::integer as sessions
    from {{ ref('fact_user_daily') }} as daily
    {%- if not is_full() %}
    inner join {{ scope_table() }} as scope
        on
            daily.person_id = scope.person_id
            and daily.event_date >= scope.month_start
            and daily.event_date < (scope.month_start + interval '1 month')::date
    {%- endif %}
    where daily.is_active
    group by daily.person_id, {{ month_of('daily.event_date') }}
)

select
    months.*,
    firsts.first_active_date
from months
inner join {{ ref('fact_first_active_dates') }} as firsts on months.person_id = firsts.person_id
{{ in_order_of('months.month_start') }}
