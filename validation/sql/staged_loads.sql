-- The newest staged load of each of some days, and the raw tables that it has rows for, by their staging tables.
select
    loads.load_id,
    loads.load_date,
    loads.empty_sources,
    array(
        select targets.target
        from unnest(array[{{ targets }}]) as targets (target)
        where to_regclass(format('raw.%I', targets.target || to_char(loads.load_date, '__YYYYMMDD'))) is not null
    ) as targets
from (
    select distinct on (load_date)
        load_id,
        load_date,
        empty_sources
    from ops.load
    where
        load_date in ({{ load_dates }})
        and status = 'staged'
    order by load_date, load_id desc
) as loads
order by loads.load_date
