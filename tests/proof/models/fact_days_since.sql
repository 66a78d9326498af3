-- One row per person and date with an event: the events of that date and of the two before it.
{{ config(
    indexes=[{'columns': ['person_id', 'event_date'], 'unique': true}],
    meta={'scope': {'by': 'person_date', 'after': 2}},
) }}
select
    today.person_id,
    today.event_date,
    sum(daily.events)::bigint as events_of_three_days
from {{ ref('fact_user_daily') }} as today
inner join {{ ref('fact_user_daily') }} as daily
    on today.person_id = daily.person_id and daily.event_date between today.event_date - 2 and today.event_date
{%- if not is_full() %}
inner join {{ scope_table() }} as spans
    on today.person_id = spans.person_id and today.event_date between spans.first_date and spans.last_date
{%- endif %}
group by today.person_id, today.event_date
