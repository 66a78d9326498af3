-- One row per week and topic.
{{ config(
    indexes=[{'columns': ['week_start', 'topic'], 'unique': true}],
    meta={'scope': {'by': 'event_week'}},
) }}
select {{ week_of('events.event_date') }} as week_start, content.topic, count(*) as events
from {{ ref('fact_user_events') }} as events
inner join {{ ref('dim_content') }} as content on events.content_key = content.content_key
where {{ in_scope(week_of('events.event_date')) }} and content.topic is not null
group by 1, 2
