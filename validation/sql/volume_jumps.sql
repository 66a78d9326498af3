-- Sources that loaded {{ factor }} times more or fewer events than the median of their seven days before.
-- A source is compared when it had events on at least three of the 28 days before.
with days as (
    select unnest(array[{{ load_dates }}]::date[]) as staged_for
),

loaded as (
    select
        days.staged_for,
        file_load.source,
        file_load.load_date,
        sum(file_load.loaded) as events
    from days
    inner join ops.file_load on file_load.load_date between days.staged_for - 28 and days.staged_for - 1
    inner join ops.load_day on file_load.load_id = load_day.load_id
    where file_load.target = 'user_events'
    group by days.staged_for, file_load.source, file_load.load_date
    having sum(file_load.loaded) > 0
),

recent as (
    select
        staged_for,
        source,
        events,
        row_number() over (partition by staged_for, source order by load_date desc) as days_ago
    from loaded
),

usual as (
    select
        staged_for,
        source,
        percentile_cont(0.5) within group (order by events) as events
    from recent
    where days_ago <= 7
    group by staged_for, source
    having count(*) >= 3
),

today as (
    select
        staged_for,
        source,
        count(*) as events
    from {{ batch }} as batch
    group by staged_for, source
)

select
    usual.staged_for,
    usual.source,
    coalesce(today.events, 0) as events,
    usual.events as usual_events
from usual
left join today
    on
        usual.staged_for = today.staged_for
        and usual.source = today.source
where
    coalesce(today.events, 0) > {{ factor }} * usual.events
    or coalesce(today.events, 0) * {{ factor }} < usual.events
order by usual.staged_for, usual.source
