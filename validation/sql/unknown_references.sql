-- Ids that no change record introduces, published or staged with this load, when they make up more than {{ share }} of the rows.
with referenced as (
    select
        {{ key }} as id,
        count(*) as times
    from {{ batch }}
    where {{ key }} is not null
    group by {{ key }}
),

unknown as (
    select
        id,
        times
    from referenced
    where
        not exists (select from {{ published }} as published where published.{{ key }} = referenced.id)
        and not exists (select from {{ staged }} as staged where staged.{{ key }} = referenced.id)
)

select
    id as {{ key }},
    times
from unknown
where (select sum(times) from unknown) > {{ share }} * (select sum(times) from referenced)
order by times desc, id
