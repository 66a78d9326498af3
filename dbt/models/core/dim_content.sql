-- One row per version of a piece of content (SCD2), and one for the unknown content.
{{ config(
    indexes=[{'columns': ['content_key'], 'unique': true}, {'columns': ['content_id', 'valid_from'], 'unique': true}],
    meta={'deletes': ["delete from {{ this }} where content_id in (
        select changed.thing_id from {{ ref('work_changed') }} as changed where changed.thing = 'content'
    )"]},
    post_hook="{{ analyze_if_large() }}",
) }}
with {{ versions(
    'content',
    [
        'content_type', 'title', 'series_id', 'creator_id', 'language', 'topic', 'duration_seconds', 'word_count',
        'released_at',
    ],
) }}
