-- One row per two products that were bought together in orders of the last days, with their names of now.
select
    pairs.last_date,
    pairs.product_id,
    products.product_name,
    pairs.other_product_id,
    others.product_name as other_product_name,
    pairs.orders_together,
    pairs.orders,
    pairs.other_orders,
    pairs.all_orders,
    pairs.support,
    pairs.confidence,
    pairs.lift
from {{ ref('mart_product_pairs') }} as pairs
left join {{ ref('dim_product') }} as products
    on pairs.product_id = products.product_id and products.is_current
left join {{ ref('dim_product') }} as others
    on pairs.other_product_id = others.product_id and others.is_current
