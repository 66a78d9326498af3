{#- Per date, each event is come to as often as it is gone from: every session has one entry and one exit. -#}
{% test every_session_begins_and_ends(model) %}
{%- set seen = in_build('model') %}
with flows as (
    select model.*
    from {{ model }} as model {{ seen.join }}
    where {{ seen.condition }}
)

select
    session_date,
    event_name
from (
    select
        session_date,
        from_event as event_name,
        transitions as gone,
        0 as come
    from flows
    where from_event <> '(entry)'
    union all
    select
        session_date,
        to_event as event_name,
        0 as gone,
        transitions as come
    from flows
    where to_event <> '(exit)'
) as sides
group by session_date, event_name
having sum(gone) <> sum(come)
{% endtest %}
