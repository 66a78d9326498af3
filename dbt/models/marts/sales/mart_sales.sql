-- One row per period (day, week, month), its first date, slice and currency: what was sold and what went back.
{{ config(
    indexes=[{'columns': ['period', 'period_start', 'slice', 'currency'], 'unique': true}],
    meta={'scope': {'by': 'periods'}},
) }}
with {{ calendar_periods() }},

-- Each amount twice: in the reporting currency, which all amounts are converted to, and in its own.
ordered as (
    select
        periods.period,
        periods.period_start,
        slices.slice,
        slices.currency,
        count(distinct orders.order_key) filter (where orders.lines > 0) as orders,
        count(distinct orders.order_key) filter (
            where orders.lines > 0 and slices.gross_amount is not null
        ) as orders_with_amount,
        sum(orders.units) as units,
        coalesce(sum(slices.gross_amount), 0) as gross_amount,
        sum(slices.refunded_amount) as refunded_amount_by_order_date,
        sum(orders.amounts_without_rate) as amounts_without_rate,
        count(distinct orders.person_id) filter (where orders.lines > 0) as buyers,
        count(distinct orders.person_id) filter (
            where orders.lines > 0 and customers.first_order_date >= periods.period_start
        ) as new_buyers
    from periods
    inner join {{ ref('fact_orders') }} as orders
        on periods.period_start <= orders.order_date and periods.next_start > orders.order_date
    inner join {{ ref('fact_customers') }} as customers on orders.person_id = customers.person_id
    cross join lateral (
        values
        ('reporting', '{{ reporting_currency() }}', orders.reporting_amount, orders.refunded_reporting_amount),
        ('original', orders.currency, orders.amount, orders.refunded_amount)
    ) as slices (slice, currency, gross_amount, refunded_amount)
    group by periods.period, periods.period_start, slices.slice, slices.currency
),

refunded as (
    select
        periods.period,
        periods.period_start,
        slices.slice,
        slices.currency,
        count(*) as refunds,
        coalesce(sum(slices.amount), 0) as refunded_amount,
        count(*) filter (where sales.is_without_rate) as amounts_without_rate
    from periods
    inner join {{ ref('fact_sales') }} as sales
        on periods.period_start <= sales.event_date and periods.next_start > sales.event_date
    cross join lateral (
        values
        ('reporting', '{{ reporting_currency() }}', sales.reporting_amount),
        ('original', coalesce(sales.currency, 'unknown'), sales.amount)
    ) as slices (slice, currency, amount)
    where sales.event_type = 'refund'
    group by periods.period, periods.period_start, slices.slice, slices.currency
),

-- Refunds of orders that never came, by the date of the first of an order.
unmatched as (
    select
        periods.period,
        periods.period_start,
        slices.slice,
        slices.currency,
        sum(orders.refunds) as refunds_without_order,
        sum(slices.amount) as refunded_amount_without_order
    from periods
    inner join {{ ref('fact_orders') }} as orders
        on
            periods.period_start <= orders.first_refund_date
            and periods.next_start > orders.first_refund_date
            and orders.order_date is null
    cross join lateral (
        values
        ('reporting', '{{ reporting_currency() }}', orders.refunded_reporting_amount),
        ('original', orders.currency, orders.refunded_amount)
    ) as slices (slice, currency, amount)
    group by periods.period, periods.period_start, slices.slice, slices.currency
),

known as (
    select
        period,
        period_start,
        'reporting' as slice,
        '{{ reporting_currency() }}' as currency
    from periods
    {%- for part in ['ordered', 'refunded'] %}
    union
    select
        period,
        period_start,
        slice,
        currency
    from {{ part }}
    {%- endfor %}
)

select
    known.period,
    known.period_start,
    known.slice,
    known.currency,
    periods.is_complete,
    coalesce(ordered.orders, 0) as orders,
    coalesce(ordered.units, 0)::bigint as units,
    coalesce(ordered.gross_amount, 0) as gross_amount,
    coalesce(refunded.refunds, 0) as refunds,
    coalesce(refunded.refunded_amount, 0) as refunded_amount,
    coalesce(ordered.refunded_amount_by_order_date, 0) as refunded_amount_by_order_date,
    coalesce(unmatched.refunds_without_order, 0)::bigint as refunds_without_order,
    coalesce(unmatched.refunded_amount_without_order, 0) as refunded_amount_without_order,
    coalesce(ordered.gross_amount, 0) - coalesce(refunded.refunded_amount, 0) as net_amount,
    coalesce(ordered.gross_amount, 0) - coalesce(ordered.refunded_amount_by_order_date, 0) as net_amount_by_order_date,
    round(ordered.gross_amount / nullif(ordered.orders_with_amount, 0), 2) as average_order_value,
    coalesce(ordered.buyers, 0) as buyers,
    coalesce(ordered.new_buyers, 0) as new_buyers,
    coalesce(ordered.buyers - ordered.new_buyers, 0) as repeat_buyers,
    (coalesce(ordered.amounts_without_rate, 0) + coalesce(refunded.amounts_without_rate, 0))::bigint
        as amounts_without_rate
from known
inner join periods on known.period = periods.period and known.period_start = periods.period_start
{%- for part in ['ordered', 'refunded', 'unmatched'] %}
left join {{ part }}
    on
        known.period = {{ part }}.period
        and known.period_start = {{ part }}.period_start
        and known.slice = {{ part }}.slice
        and known.currency = {{ part }}.currency
{%- endfor %}
