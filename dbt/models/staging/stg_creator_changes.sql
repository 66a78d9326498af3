-- One row per change record of a creator.
-- depends_on: {{ ref('work_build') }}
select
    creator_id,
    changed_at,
    op,
    name as creator_name,
    country,
    creator_type,
    source,
    extract_of,
    extracted_at,
    load_date,
    file_no,
    line_no
from {{ source('raw', 'creator_changes') }}
