select
    coalesce(product_name, product_id) as product,
    coalesce(other_product_name, other_product_id) as "with it",
    orders_together as orders,
    confidence,
    lift
from reporting.bought_together
order by orders_together desc, lift desc, product_id, other_product_id
limit 20
