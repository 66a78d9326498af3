-- One row per user who exists: the personal data as last known. A user who is deleted is gone from here.
{{ config(
    indexes=[{'columns': ['user_id'], 'unique': true}],
    meta={'deletes': ["delete from {{ this }} where user_id in (
        select changed.thing_id from {{ ref('work_changed') }} as changed where changed.thing = 'user'
    )"]},
) }}
with last_records as (
    select distinct on (user_id) *
    from {{ ref('stg_user_changes') }}
    {%- if not is_full() %}
    where
        user_id in (
            select changed.thing_id
            from {{ ref('work_changed') }} as changed
            where changed.thing = 'user'
        )
    {%- endif %}
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
