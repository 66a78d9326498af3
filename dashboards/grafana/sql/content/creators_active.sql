select
    period_start::timestamptz as "time",
    active_creators as "creators with a release",
    pieces as "pieces released"
from reporting.active_creators
where
    period = '$period'
    and period_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and period_start <= $__timeTo()::timestamptz
order by period_start
