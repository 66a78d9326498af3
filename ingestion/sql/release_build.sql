with released as (
    update ops.build
    set
        status = 'failed',
        finished_at = clock_timestamp()
    where
        build_id = {{ build }}
        and status = 'running'
    returning build_id
),

unclaimed as (
    update ops.load_day
    set
        claimed_by = null,
        claimed_version = null
    from released
    where load_day.claimed_by = released.build_id
)

select build_id
from released
