-- One row per user who exists: the personal data as last known. A user who is deleted is gone from here.
-- A view, so that personal data lies in one table only, raw.user_changes.
with last_records as (
    select distinct on (user_id) *
    from {{ ref('stg_user_changes') }}
    order by user_id, changed_at desc, load_date, file_no, line_no
)

select
    user_id,
    email,
    full_name,
    street,
    postal_code,
    city,
    changed_at as known_since
from last_records
where op = 'upsert'
