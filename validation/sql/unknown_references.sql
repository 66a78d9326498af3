-- Ids that no change record introduces, published or staged with the same load, when they make up more than {{ share }}
-- of the day's rows that have one. Only the earliest day on its way is judged: what introduces the ids of later ones is
-- not known yet.
with referenced as (
    select
        batch.staged_for,
        batch.{{ key }} as id,
        count(*) as times
    from {{ batch }} as batch
    where
        batch.{{ key }} is not null
        and batch.staged_for <= (
            select min(load.load_date)
            from ops.load
            where load.status in ('staging', 'staged')
        )
    group by batch.staged_for, batch.{{ key }}
),

known as (
    select
        staged_for,
        id,
        times,
        exists (
            select published.{{ key }}
            from {{ published }} as published
            where published.{{ key }} = referenced.id
        ) or exists (
            select staged.{{ key }}
            from {{ staged }} as staged
            where
                staged.{{ key }} = referenced.id
                and staged.staged_for = referenced.staged_for
        ) as is_known
    from referenced
),

shares as (
    select
        staged_for,
        id,
        times,
        is_known,
        sum(times) filter (where not is_known) over (partition by staged_for) as times_unknown,
        sum(times) over (partition by staged_for) as times_all
    from known
)

select
    staged_for,
    id as {{ key }},
    times
from shares
where
    not is_known
    and times_unknown > {{ share }} * times_all
order by staged_for, times desc, id
