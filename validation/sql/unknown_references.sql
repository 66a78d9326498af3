-- Ids that no change record introduces, published or staged with this load, when they make up more than {{ share }}
-- of the rows that have one. Not judged while an earlier day is on its way: what that one introduces is not known yet.
with referenced as (
    select
        {{ key }} as id,
        count(*) as times
    from {{ batch }}
    where {{ key }} is not null
    group by {{ key }}
),

known as (
    select
        id,
        times,
        exists (
            select published.{{ key }}
            from {{ published }} as published
            where published.{{ key }} = referenced.id
        ) or exists (
            select staged.{{ key }}
            from {{ staged }} as staged
            where staged.{{ key }} = referenced.id
        ) as is_known
    from referenced
),

shares as (
    select
        id,
        times,
        is_known,
        sum(times) filter (where not is_known) over () as times_unknown,
        sum(times) over () as times_all
    from known
)

select
    id as {{ key }},
    times
from shares
where
    not is_known
    and times_unknown > {{ share }} * times_all
    and not exists (
        select
        from ops.load
        where load.load_date < '{{ load_date }}' and load.status in ('staging', 'staged')
    )
order by times desc, id
