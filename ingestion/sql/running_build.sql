select
    build_id,
    holder,
    load_dates
from ops.build
where status = 'running'
