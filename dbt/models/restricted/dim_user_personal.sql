-- One row per user who exists: the personal data as last known. A user who is deleted is gone from here.
-- A view, so that personal data lies in one table only, raw.user_changes.
with told as ({{ told_by_extracts('user') }}),

records as (
    select
        user_id,
        changed_at,
        op,
        load_date,
        file_no,
        line_no,
        email,
        full_name,
        street,
        postal_code,
        city
    from {{ ref('stg_user_changes') }}
    where extract_of is null
    union all
    select
        told.thing_id as user_id,
        told.changed_at,
        told.op,
        told.load_date,
        told.file_no,
        told.line_no,
        landed.email,
        landed.full_name,
        landed.street,
        landed.postal_code,
        landed.city
    from told
    left join {{ ref('stg_user_changes') }} as landed
        on
            told.thing_id = landed.user_id
            and told.load_date = landed.load_date
            and told.file_no = landed.file_no
            and told.line_no = landed.line_no
),

last_records as (
    select distinct on (user_id) *
    from records
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
