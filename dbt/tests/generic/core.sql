{#- Every event of the load days points to a member of each dimension, in one pass. `keys`: dimensions by key. -#}
{% test points_to(model, keys) %}
{%- set seen = in_build('model') %}
select
    {%- for key in keys %}
    model.{{ key }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ model }} as model
{%- for key, dimension in keys.items() %}
left join {{ built(dimension) }} as {{ dimension }} on model.{{ key }} = {{ dimension }}.{{ key }}
{%- endfor %}
where
    {{ seen.condition }}
    and (
        {%- for key, dimension in keys.items() %}
        {{ 'or ' if not loop.first }}{{ dimension }}.{{ key }} is null
        {%- endfor %}
    )
{% endtest %}

{#- Per load day: events in raw = events in the fact + repeats of an event that arrived elsewhere before. -#}
{% test events_are_conserved(model) %}
{%- if build_state().load_dates %}
{%- set days = load_days('fact_user_events') %}
{%- else %}
{%- set days = 'array(select load_date from ops.load_day where built_version = version)' %}
{%- endif %}
with raw_events as (
    select
        load_date,
        count(*) as events
    from {{ built('stg_user_events') }}
    where load_date = any({{ days }})
    group by load_date
),

facts as (
    select
        load_date,
        count(*) as events
    from {{ model }}
    where load_date = any({{ days }})
    group by load_date
),

later_arrivals as (
    select
        load_date,
        count(*) as events
    from {{ built('event_repeats') }} as arrivals
    where
        load_date = any({{ days }})
        and exists (
            select
            from {{ built('event_repeats') }} as earlier
            where
                earlier.event_id = arrivals.event_id
                and earlier.source = arrivals.source
                and (earlier.load_date, earlier.file_no, earlier.line_no)
                < (arrivals.load_date, arrivals.file_no, arrivals.line_no)
        )
    group by load_date
)

select
    days.load_date,
    raw_events.events as raw_events,
    facts.events as facts,
    later_arrivals.events as later_arrivals
from unnest({{ days }}) as days (load_date)
left join raw_events on days.load_date = raw_events.load_date
left join facts on days.load_date = facts.load_date
left join later_arrivals on days.load_date = later_arrivals.load_date
where coalesce(raw_events.events, 0) <> coalesce(facts.events, 0) + coalesce(later_arrivals.events, 0)
{% endtest %}

{#- Per person: the sessions of the windows hold as many events as the fact does there. -#}
{% test sessions_hold_every_event(model) %}
{%- set seen = in_build('model') %}
select *
from (
    select sum(model.events) as in_sessions
    from {{ model }} as model {{ seen.join }}
) as sessions
cross join (
    select count(*) as in_fact
    from {{ built('fact_user_events') }} as fact
    {%- if seen.join %}
    inner join {{ scope_table('fact_sessions') }} as windows
        on
            fact.person_id = windows.person_id
            and {{ producer_session_id('fact') }} = windows.producer_session_id
            and fact.event_date = windows.event_date
            and fact.event_ts between windows.window_start and windows.window_end
    {%- endif %}
    where fact.is_activity
) as fact
where coalesce(in_sessions, 0) <> in_fact
{% endtest %}

{#- The spans of a visitor id reach from -infinity to infinity without gaps; two that follow are of different users. -#}
{% test spans_follow_each_other(model) %}
{%- set seen = in_build('model') %}
select *
from (
    select
        model.*,
        lag(model.until_ts) over in_time as previous_until,
        lag(model.user_id) over in_time as previous_user,
        lead(model.after_ts) over in_time as next_after
    from {{ model }} as model {{ seen.join }}
    where {{ seen.condition }}
    window in_time as (partition by model.anonymous_id order by model.after_ts)
) as spans
where
    after_ts >= until_ts
    or after_ts <> coalesce(previous_until, '-infinity')
    or (next_after is null and until_ts <> 'infinity')
    or previous_user = user_id
{% endtest %}
