-- What was found of the newest staged load of each of some days.
select
    load_date,
    {{ columns }}
from ops.validation_result
where load_id in (
    select distinct on (load_date) load_id
    from ops.load
    where
        load_date in ({{ load_dates }})
        and status = 'staged'
    order by load_date, load_id desc
)
order by load_date
