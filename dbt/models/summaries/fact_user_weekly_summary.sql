-- One row per person and week in which the person was active. `events_by_day` holds the events of the seven days from
-- `week_start` on, `sessions_by_day` the sessions started on them, like [3,2,0,4,1,1,2]. Bots have no part in them.
{{ config(
    indexes=[{'columns': ['person_id', 'week_start'], 'unique': true}, {'columns': ['week_start']}],
    meta={'scope': {'by': 'person_week'}},
) }}
with days as (
    select
        daily.*,
        {{ week_of('daily.event_date') }} as week_start,
        daily.event_date - {{ week_of('daily.event_date') }} + 1 as weekday
    from {{ ref('fact_user_daily') }} as daily
    {%- if not is_full() %}
    inner join {{ scope_table() }} as scope
        on
            daily.person_id = scope.person_id
            and daily.event_date >= scope.week_start
            and daily.event_date < scope.week_start + 7
    {%- endif %}
    where daily.is_active
),

weeks as (
    select
        person_id,
        week_start,
        count(*)::integer as active_days,
        sum(events)::integer as events,
        sum(sessions)::integer as sessions,
        {% for measure in ['events', 'sessions'] -%}
        array[
            {%- for weekday in range(1, 8) %}
            coalesce(sum({{ measure }}) filter (where weekday = {{ weekday }}), 0)::integer{{ ',' if not loop.last }}
            {%- endfor %}
        ] as {{ measure }}_by_day{{ ',' if not loop.last }}
        {% endfor -%}
    from days
    group by person_id, week_start
)

select
    weeks.*,
    firsts.first_active_date
from weeks
inner join {{ ref('fact_first_active_dates') }} as firsts on weeks.person_id = firsts.person_id
{{ in_order_of('weeks.week_start') }}
