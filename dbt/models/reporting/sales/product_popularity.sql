-- One row per period (day, week, month), its first date and product, or category, with its rank in the period before.
select
    mart.period,
    mart.period_start,
    mart.dimension,
    mart.item,
    case when mart.dimension = 'product' then products.product_name else mart.item end as item_name,
    mart.is_complete,
    mart.views,
    mart.viewers,
    mart.buyers,
    mart.units,
    mart.revenue,
    mart.amounts_without_rate,
    mart.units_rank,
    previous.units_rank as previous_units_rank,
    previous.units_rank - mart.units_rank as rank_change
from {{ ref('mart_product_sales') }} as mart
left join {{ ref('mart_product_sales') }} as previous
    on
        mart.period = previous.period
        and mart.dimension = previous.dimension
        and mart.item = previous.item
        and (mart.period_start - ('1 ' || mart.period)::interval)::date = previous.period_start
left join {{ ref('dim_product') }} as products
    on mart.dimension = 'product' and mart.item = products.product_id and products.is_current
