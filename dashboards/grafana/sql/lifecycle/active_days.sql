select
    active_days::text as "active days",
    share,
    people
from reporting.active_days
where
    within = 'trailing_28'
    and range_end = (
        select max(newest.range_end)
        from reporting.active_days as newest
        where
            newest.within = 'trailing_28'
            and newest.is_complete
            and $__timeFilter(newest.range_end)
    )
order by active_days.active_days
