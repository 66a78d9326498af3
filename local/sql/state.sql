-- The state of the warehouse in one row.
select
    count(*) as published,
    count(*) filter (where load_day.built_version = load_day.version) as built,
    min(load_day.load_date) as first_day,
    max(load_day.load_date) as last_day,
    (select build.holder from ops.build where build.status = 'running') as building
from ops.load_day
