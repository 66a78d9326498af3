select
    load_date::text as day,
    source,
    events,
    usual_events as usual,
    lowest_expected as "from",
    highest_expected as "to",
    is_out_of_band as "out of its band"
from ops.source_day
where
    $__timeFilter(load_date)
    and ('(all)' in ($landed) or source in ($landed))
order by is_out_of_band desc, load_date desc, source
limit 200
