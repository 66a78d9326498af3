-- One row per version of a piece of content (SCD2), and one for the unknown content.
{{ config(
    indexes=[{'columns': ['content_key'], 'unique': true}, {'columns': ['content_id', 'valid_from'], 'unique': true}],
    meta={'scope': {'by': 'content_id'}},
) }}
with {{ versions(
    'content',
    [
        'content_type', 'title', 'series_id', 'creator_id', 'language', 'topic', 'duration_seconds', 'word_count',
        'released_at',
    ],
) }}
