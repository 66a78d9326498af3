-- One row per period (day, week, month), its first date and product, or category, that was looked at or bought in it.
{{ config(
    indexes=[{'columns': ['period', 'period_start', 'dimension', 'item'], 'unique': true}],
    meta={'scope': {'by': 'periods'}},
) }}
{%- set measures = [
    ('fact_commerce_events', 'product_view', 'events.quantity', 'null::numeric', 'false'),
    ('fact_sales', 'purchase', 'events.quantity', 'events.reporting_amount', 'events.is_without_rate'),
] %}
with {{ calendar_periods() }},

events as (
    {%- for table, event_type, quantity, amount, is_without_rate in measures %}
    select
        periods.period,
        periods.period_start,
        events.event_type,
        events.person_id,
        events.product_id,
        events.category,
        {{ quantity }} as quantity,
        {{ amount }} as reporting_amount,
        {{ is_without_rate }} as is_without_rate
    from {{ ref(table) }} as events
    {{ periods_in_scope('events.event_date') }}
    where events.event_type = '{{ event_type }}' and events.product_id is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

counted as (
    select
        events.period,
        events.period_start,
        items.dimension,
        items.item,
        count(*) filter (where events.event_type = 'product_view') as views,
        count(distinct events.person_id) filter (where events.event_type = 'product_view') as viewers,
        count(distinct events.person_id) filter (where events.event_type = 'purchase') as buyers,
        coalesce(sum(events.quantity) filter (where events.event_type = 'purchase'), 0) as units,
        coalesce(sum(events.reporting_amount), 0) as revenue,
        count(*) filter (where events.is_without_rate) as amounts_without_rate
    from events
    cross join lateral (
        values
        ('product', events.product_id),
        ('category', coalesce(events.category, 'unknown'))
    ) as items (dimension, item)
    group by events.period, events.period_start, items.dimension, items.item
)

select
    counted.period,
    counted.period_start,
    counted.dimension,
    counted.item,
    periods.is_complete,
    counted.views,
    counted.viewers,
    counted.buyers,
    counted.units,
    counted.revenue,
    counted.amounts_without_rate,
    case
        when counted.units > 0
            then rank() over (
                partition by counted.period, counted.period_start, counted.dimension order by counted.units desc
            )
    end as units_rank
from counted
inner join periods on counted.period = periods.period and counted.period_start = periods.period_start
