select
    step_name as step,
    people
from reporting.funnels
where
    funnel = '$funnel'
    and breakdown = 'all'
    and period = '$period'
    and period_start = (
        select max(newest.period_start)
        from reporting.funnels as newest
        where
            newest.funnel = '$funnel'
            and newest.breakdown = 'all'
            and newest.period = '$period'
            and newest.is_complete
            and newest.period_start <= $__timeTo()::timestamptz
    )
order by funnels.step
