select
    period_start::timestamptz as "time",
    gross_amount as gross,
    - refunded_amount as refunds,
    net_amount as net,
    orders,
    average_order_value as "average order",
    new_buyers as "new buyers",
    repeat_buyers as "repeat buyers"
from reporting.sales
where
    period = '$period'
    and slice = 'reporting'
    and period_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and period_start <= $__timeTo()::timestamptz
order by period_start
