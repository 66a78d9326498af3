-- One row per piece of content that anybody has met.
{{ config(
    indexes=[{'columns': ['content_id'], 'unique': true}],
    meta={'scope': {'by': 'content_id'}},
) }}
select events.content_id, count(*) as events, max(content.title) as title
from {{ ref('fact_user_events') }} as events
inner join {{ ref('dim_content') }} as content on events.content_key = content.content_key
where {{ in_scope('events.content_id') }} and events.content_id is not null
group by events.content_id
