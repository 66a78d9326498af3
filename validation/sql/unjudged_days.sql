-- The load days of which something is staged that nobody has judged.
select load.load_date
from ops.load as load
where
    load.status = 'staged'
    and not exists (select from ops.validation_result as result where result.load_id = load.load_id)
