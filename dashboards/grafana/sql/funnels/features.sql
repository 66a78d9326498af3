select
    feature,
    people,
    share,
    uses,
    uses_per_person as "uses per person",
    median_uses as "median uses"
from reporting.features
where
    period = '$period'
    and period_start = (
        select max(newest.period_start)
        from reporting.features as newest
        where
            newest.period = '$period'
            and newest.is_complete
            and newest.period_start <= $__timeTo()::timestamptz
    )
order by people desc, feature
limit 50
