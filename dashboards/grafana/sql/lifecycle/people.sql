select
    period_start::timestamptz as "time",
    new_people as new,
    returning_people as returning,
    resurrected_people as resurrected,
    - dormant_people as dormant
from reporting.lifecycle
where
    period = '$period'
    and period_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and period_start <= $__timeTo()::timestamptz
order by period_start
