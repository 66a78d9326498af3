select
    features_used::text as "features used",
    people
from reporting.feature_breadth
where
    period = '$period'
    and period_start = (
        select max(newest.period_start)
        from reporting.feature_breadth as newest
        where
            newest.period = '$period'
            and newest.is_complete
            and newest.period_start <= $__timeTo()::timestamptz
    )
order by feature_breadth.features_used
