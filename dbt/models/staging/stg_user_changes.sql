-- One row per change record of a user. Holds personal data.
-- depends_on: {{ ref('work_build') }}
select
    user_id,
    changed_at,
    op,
    email,
    full_name,
    street,
    postal_code,
    city,
    country,
    language,
    device,
    plan,
    acquisition_channel,
    signup_at,
    source,
    extract_of,
    extracted_at,
    load_date,
    file_no,
    line_no
from {{ source('raw', 'user_changes') }}
