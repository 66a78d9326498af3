select
    source,
    load_date::text as load_date,
    round(100 * quarantined_share)::text as percent,
    quarantined as trouble
from ops.source_day
where
    quarantined_share > 0.05
    and load_date = (select max(newest.load_date) from ops.load_day as newest)
order by source
