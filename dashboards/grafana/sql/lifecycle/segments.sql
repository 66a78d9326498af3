select
    week_start::timestamptz as "time",
    segment as metric,
    people
from reporting.segments
where
    week_start > $__timeFrom()::timestamptz - interval '1 week'
    and week_start <= $__timeTo()::timestamptz
order by week_start, segment
