-- Sources that loaded {{ factor }} times more or fewer events than the median of their seven days before.
-- A source is compared when it had events on at least three of the 28 days before.
with loaded as (
    select
        file_load.source,
        file_load.load_date,
        sum(file_load.loaded) as events
    from ops.file_load
    inner join ops.load_day on file_load.load_id = load_day.load_id
    where
        file_load.target = 'user_events'
        and file_load.load_date between date '{{ load_date }}' - 28 and date '{{ load_date }}' - 1
    group by file_load.source, file_load.load_date
    having sum(file_load.loaded) > 0
),

recent as (
    select
        source,
        events,
        row_number() over (partition by source order by load_date desc) as days_ago
    from loaded
),

usual as (
    select
        source,
        percentile_cont(0.5) within group (order by events) as events
    from recent
    where days_ago <= 7
    group by source
    having count(*) >= 3
),

today as (
    select
        source,
        count(*) as events
    from {{ batch }}
    group by source
)

select
    usual.source,
    coalesce(today.events, 0) as events,
    usual.events as usual_events
from usual
left join today on usual.source = today.source
where
    coalesce(today.events, 0) > {{ factor }} * usual.events
    or coalesce(today.events, 0) * {{ factor }} < usual.events
order by usual.source
