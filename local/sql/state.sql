-- The state of the warehouse in one row.
select
    count(*) as published,
    count(*) filter (where day_status.is_built) as built,
    min(day_status.load_date) as first_day,
    max(day_status.load_date) as last_day,
    (select build.holder from ops.build where build.status = 'running') as building
from ops.day_status
