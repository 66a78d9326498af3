-- The load days of which something is staged that nobody has judged.
select load.load_date
from ops.load as load
left join ops.validation_result as result on load.load_id = result.load_id
where
    load.status = 'staged'
    and result.load_id is null
