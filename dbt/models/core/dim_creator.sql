-- One row per creator: as last known. A creator who was deleted stays, marked, since their work may stay.
{{ config(
    indexes=[{'columns': ['creator_id'], 'unique': true}],
    meta={'scope': {'by': 'creator_id'}},
) }}
with changes as (
    {{- known_changes('creator') }}
),

records as (
    select
        *,
        row_number() over (partition by creator_id, op order by changed_at desc) as nth_last,
        first_value(op) over (partition by creator_id order by changed_at desc) as last_op
    from changes
)

select
    creator_id,
    creator_name,
    country,
    creator_type,
    last_op = 'delete' as is_deleted
from records
where nth_last = 1 and op = 'upsert'
