select
    source,
    load_date::text as load_date,
    events::text as events,
    round(usual_events)::text as usual_events,
    1 as trouble
from ops.source_day
where
    is_out_of_band
    and load_date = (select max(newest.load_date) from ops.load_day as newest)
order by source
