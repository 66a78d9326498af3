-- What was found of what is staged for some days.
select
    load.load_date,
    {{ columns }}
from ops.load as load
inner join ops.validation_result as result on load.load_id = result.load_id
where
    load.load_date in ({{ load_dates }})
    and load.status = 'staged'
order by load.load_date
