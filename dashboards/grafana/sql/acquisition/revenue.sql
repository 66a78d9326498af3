select
    purchase_date::timestamptz as "time",
    channel || ', ' || currency as metric,
    sum(revenue) as revenue
from reporting.acquisition_revenue
where
    model = '$model'
    and ('(all)' in ($channel) or channel in ($channel))
    and ('(all)' in ($source) or source in ($source))
    and $__timeFilter(purchase_date)
group by purchase_date, channel, currency
order by purchase_date, channel, currency
