select
    checked_at,
    load_date,
    build_id,
    suite,
    expectation,
    message
from ops.open_failure
order by checked_at desc
limit 100
