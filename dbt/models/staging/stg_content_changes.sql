-- One row per change record of a piece of content.
-- depends_on: {{ ref('work_build') }}
select
    content_id,
    changed_at,
    op,
    content_type,
    title,
    series_id,
    creator_id,
    language,
    topic,
    duration_seconds,
    word_count,
    released_at,
    source,
    extract_of,
    extracted_at,
    load_date,
    file_no,
    line_no
from {{ source('raw', 'content_changes') }}
