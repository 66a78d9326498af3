-- The first of the rows of a query; with each, how many there are, and the load days of all.
with examples as (
    {{ query }}
)

select
    examples.*,
    (select count(counted) from examples as counted) as exceptions,
    (
        select array_agg(distinct coalesce(to_jsonb(dated) ->> 'staged_for', to_jsonb(dated) ->> 'load_date'))
        from examples as dated
    ) as exception_days
from examples
limit {{ examples }}
