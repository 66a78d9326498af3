select
    coalesce(item_name, item) as category,
    sum(units) as units
from reporting.product_popularity
where
    dimension = 'category'
    and period = 'day'
    and $__timeFilter(period_start)
group by 1
order by units desc, 1
limit 12
