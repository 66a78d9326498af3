-- Who builds, and how many days.
select
    max(build.holder) as holder,
    coalesce(max(cardinality(build.load_dates)), 0) as days
from ops.build
where build.status = 'running'
