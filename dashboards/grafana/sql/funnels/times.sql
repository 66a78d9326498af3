select
    period_start::text as "period from",
    step_name as step,
    people,
    conversion_from_first as "of the first",
    conversion_from_previous as "of the step before",
    people_lost as lost,
    p25_seconds_from_previous as "a quarter within",
    median_seconds_from_previous as "half within",
    p90_seconds_from_previous as "90 % within"
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
