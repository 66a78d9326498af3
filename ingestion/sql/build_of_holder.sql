-- The newest build of a holder.
select
    build_id,
    holder,
    load_dates
from ops.build
where holder = {{ holder }}
order by build_id desc
limit 1
