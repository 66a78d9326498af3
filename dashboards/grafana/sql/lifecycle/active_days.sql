-- The end of the newest week is asked of `lifecycle`: `active_days` would count all weeks first.
select
    active_days::text as "active days",
    share,
    people
from reporting.active_days
where
    within = 'trailing_28'
    and range_end = (
        select max(weeks.period_start) + 6
        from reporting.lifecycle as weeks
        where
            weeks.period = 'week'
            and weeks.is_complete
            and $__timeFilter(weeks.period_start + 6)
    )
order by active_days.active_days
