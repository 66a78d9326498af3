-- One row per change record of the load days that are built; the dimensions are computed from it.
-- Not from raw: a day may be published again while a build runs, and the next build must know what this one took
-- from the day. Without personal data. A line can tell of several things.
-- depends_on: {{ ref('work_build') }}
{{ config(
    indexes=[
        {'columns': ['load_date', 'file_no', 'line_no', 'thing'], 'unique': true},
        {'columns': ['thing_id', 'thing', 'changed_at']},
    ],
    meta={
        'scope': {'by': 'load_date'},
        'keys': {
            'user_id': "case when thing = 'user' then thing_id end",
            'product_id': "case when thing = 'product' then thing_id end",
            'content_id': "case when thing = 'content' then thing_id end",
            'creator_id': "case when thing = 'creator' then thing_id end",
        },
    },
) }}
{{ landed_changes() }}
