-- One row per person and piece of content that the person ever started: how much of it was heard or read, at first.
--
-- Of the 30 days (`progress_days`) that begin with the date of the first start: a start of long ago does not change.
{{ config(
    indexes=[{'columns': ['person_id', 'content_id'], 'unique': true}, {'columns': ['start_date']}],
    meta={
        'scope': {
            'by': 'keys', 'of': 'fact_content_people_daily',
            'columns': {'person_id': 'person_id', 'content_id': 'content_id'},
        },
        'keys': {'event_date': 'start_date'},
    },
) }}
with days as (
    select
        *,
        min(event_date) filter (where starts > 0) over (partition by person_id, content_id) as start_date
    from {{ ref('fact_content_people_daily') }}
    where {{ in_scope('person_id', 'content_id') }}
)

select
    person_id,
    content_id,
    start_date,
    max(content_type) filter (where event_date = start_date) as content_type,
    max(content_format) filter (where event_date = start_date) as content_format,
    max(content_seconds) filter (where event_date = start_date) as content_seconds,
    sum(heard_seconds) as heard_seconds,
    bool_or(completions > 0) as is_completed
from days
where event_date >= start_date and event_date < start_date + {{ var('progress_days') }}
group by person_id, content_id, start_date
{{ in_order_of('start_date') }}
