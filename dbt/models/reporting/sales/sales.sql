-- One row per period (day, week, month), its first date, slice and currency: what was sold and what went back.
select
    period,
    period_start,
    slice,
    currency,
    is_complete,
    orders,
    units,
    gross_amount,
    refunds,
    refunded_amount,
    refunded_amount_by_order_date,
    refunds_without_order,
    refunded_amount_without_order,
    net_amount,
    net_amount_by_order_date,
    average_order_value,
    buyers,
    new_buyers,
    repeat_buyers,
    amounts_without_rate
from {{ ref('mart_sales') }}
