select
    period_start::timestamptz as "time",
    concat_ws(', ', nullif(label, thing), thing) as metric,
    people
from reporting.content_ranking
where
    period = '$period'
    and kind = '$kind'
    and people_rank <= 8
    and period_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and period_start <= $__timeTo()::timestamptz
order by period_start, people_rank, thing
