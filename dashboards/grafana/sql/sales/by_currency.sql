select
    currency,
    sum(orders) as orders,
    sum(gross_amount) as gross,
    sum(refunded_amount) as refunds,
    sum(net_amount) as net,
    sum(amounts_without_rate) as "amounts without a rate"
from reporting.sales
where
    period = 'day'
    and slice = 'original'
    and $__timeFilter(period_start)
group by currency
order by orders desc, currency
