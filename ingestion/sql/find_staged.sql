-- Which of some days are staged, and the raw tables that they have rows for, by their staging tables.
select
    load_id,
    load_date,
    array(
        select targets.target
        from unnest({{ targets }}) as targets (target)
        where to_regclass(format('raw.%%I', targets.target || to_char(load.load_date, '__YYYYMMDD'))) is not null
    ) as targets
from ops.load
where
    load_date = any({{ load_dates }}::date[])
    and status = 'staged'
order by load_date
