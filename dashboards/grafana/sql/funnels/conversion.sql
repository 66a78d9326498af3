select
    period_start::timestamptz as "time",
    step_name as metric,
    conversion_from_first as conversion
from reporting.funnels
where
    funnel = '$funnel'
    and breakdown = 'all'
    and period = '$period'
    and step > 1
    and period_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and period_start <= $__timeTo()::timestamptz
order by period_start, step
