select
    breakdown_value as value,
    step_name as step,
    people,
    conversion_from_first as "of the first",
    conversion_from_previous as "of the step before"
from reporting.funnels
where
    funnel = '$funnel'
    and breakdown = '$breakdown'
    and period = '$period'
    and period_start = (
        select max(newest.period_start)
        from reporting.funnels as newest
        where
            newest.funnel = '$funnel'
            and newest.breakdown = '$breakdown'
            and newest.period = '$period'
            and newest.is_complete
            and newest.period_start <= $__timeTo()::timestamptz
    )
order by breakdown_value, funnels.step
