-- One row per version of a post of the community and span of time in which `core.dim_content` said so.
{% snapshot community_posts %}
{{ config(unique_key='content_key') }}
select
    content_key,
    content_id,
    content_type,
    title,
    series_id,
    creator_id,
    language,
    topic,
    duration_seconds,
    word_count,
    released_at,
    valid_from,
    valid_to
from {{ ref('dim_content') }}
where
    content_id in (
        select thing_id
        from {{ ref('extract_changes') }}
        where thing = 'content' and source in ('{{ var('audit_trail_sources') | join("', '") }}')
    )
{% endsnapshot %}
