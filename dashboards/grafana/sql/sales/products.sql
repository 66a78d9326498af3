select
    units_rank as rank,
    rank_change as "places up",
    coalesce(item_name, item) as product,
    units,
    buyers,
    viewers,
    revenue
from reporting.product_popularity
where
    dimension = 'product'
    and period = '$period'
    and units > 0
    and period_start = (
        select max(newest.period_start)
        from reporting.product_popularity as newest
        where
            newest.period = '$period'
            and newest.is_complete
            and newest.period_start <= $__timeTo()::timestamptz
    )
order by units_rank, item
limit 20
