-- One row per actor and ISO week in which the actor was active. `events_by_day` holds the events of Monday to Sunday,
-- `sessions_by_day` the sessions started on them, like [3,2,0,4,1,1,2]. Bots have no part in them.
{{ config(
    indexes=[{'columns': ['actor_id', 'week_start'], 'unique': true}, {'columns': ['week_start']}],
    meta={'deletes': [
        "delete from {{ this }} as target using {{ ref('work_actor_window') }} as windows
         where target.actor_id = windows.actor_id
         and target.week_start = date_trunc('week', windows.event_date::timestamp)::date",
    ]},
    post_hook="{{ analyze_if_large() }}",
) }}
with {% if not is_full() -%}
affected as (
    select distinct
        actor_id,
        date_trunc('week', event_date::timestamp)::date as week_start
    from {{ ref('work_actor_window') }}
),

{% endif -%}
days as (
    select
        daily.*,
        date_trunc('week', daily.event_date::timestamp)::date as week_start,
        extract(isodow from daily.event_date) as weekday
    from {{ ref('fact_user_daily') }} as daily
    {%- if not is_full() %}
    inner join affected
        on
            daily.actor_id = affected.actor_id
            and daily.event_date >= affected.week_start
            and daily.event_date < affected.week_start + 7
    {%- endif %}
    where daily.is_active
)

select
    actor_id,
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
group by actor_id, week_start
{{ in_order_of('week_start') }}
