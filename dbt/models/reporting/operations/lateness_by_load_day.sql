-- One row per load day, source and number of days since the event: how late events arrive.
-- What arrived, without what an earlier load day had brought.
with arrivals as (
    select
        load_date,
        source,
        days_late,
        events
    from {{ ref('event_arrivals') }}
    union all
    select
        again.load_date,
        again.source,
        again.load_date - (again.event_ts at time zone 'UTC')::date as days_late,
        -1 as events
    from {{ ref('event_repeats') }} as again
    where
        exists (
            select
            from {{ ref('event_repeats') }} as earlier
            where
                earlier.event_id = again.event_id
                and earlier.source = again.source
                and earlier.load_date < again.load_date
        )
)

select
    load_date,
    source,
    days_late,
    sum(events)::bigint as events
from arrivals
group by load_date, source, days_late
having sum(events) > 0
