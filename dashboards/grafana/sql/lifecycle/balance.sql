select
    period_start::timestamptz as "time",
    (new_people + resurrected_people)::numeric / nullif(dormant_people, 0) as "came for each who left"
from reporting.lifecycle
where
    period = '$period'
    and is_complete
    and period_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and period_start <= $__timeTo()::timestamptz
order by period_start
