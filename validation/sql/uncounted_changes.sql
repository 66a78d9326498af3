-- Change records that were loaded on a day and are not staged for it, or the other way round, counted by raw table.
-- All days share these staging tables: a row of another load day is missing from its own.
with counted as (
    select
        load_date,
        target,
        loaded
    from ops.file_load
    where load_id in ({{ load_ids }})
    union all
    select
        load_date,
        target,
        loaded
    from ops.derived_load
    where load_id in ({{ load_ids }})
),

loaded as (
    select
        load_date,
        target,
        sum(loaded) as changes
    from counted
    where target <> 'user_events'
    group by load_date, target
),

present as (
    select
        load_date,
        'user_changes' as target
    from raw.user_changes__staged
    union all
    select
        load_date,
        'product_changes' as target
    from raw.product_changes__staged
    union all
    select
        load_date,
        'content_changes' as target
    from raw.content_changes__staged
    union all
    select
        load_date,
        'creator_changes' as target
    from raw.creator_changes__staged
    union all
    select
        load_date,
        'rate_changes' as target
    from raw.rate_changes__staged
),

staged as (
    select
        load_date,
        target,
        count(*) as changes
    from present
    where load_date in ({{ load_dates }})
    group by load_date, target
)

select
    coalesce(loaded.load_date, staged.load_date) as staged_for,
    coalesce(loaded.target, staged.target) as target,
    coalesce(loaded.changes, 0) as loaded,
    coalesce(staged.changes, 0) as staged
from loaded
full join staged
    on
        loaded.load_date = staged.load_date
        and loaded.target = staged.target
where coalesce(loaded.changes, 0) <> coalesce(staged.changes, 0)
order by staged_for, target
