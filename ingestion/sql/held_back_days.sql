-- The days of a source that have held-back lines: how many, in the newest attempt that has some; and how many of the
-- source's lines are loaded as the day is published.
select
    held_back.load_date,
    held_back.lines,
    coalesce(
        (
            select sum(file_load.loaded)
            from ops.load_day
            inner join ops.file_load on load_day.load_id = file_load.load_id
            where
                load_day.load_date = held_back.load_date
                and file_load.source = {{ source }}
        ),
        0
    )::bigint as loaded
from (
    select distinct on (load_date)
        load_date,
        count(*) as lines
    from ops.quarantine
    where
        source = {{ source }}
        and ({{ first }}::date is null or load_date >= {{ first }}::date)
        and ({{ last }}::date is null or load_date <= {{ last }}::date)
    group by load_date, load_id
    order by load_date asc, load_id desc
) as held_back
order by held_back.load_date
