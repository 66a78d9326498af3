select
    heard_percent::text || ' %' as heard,
    sum(dropped_off) as people
from reporting.content_drop_off
where
    kind = 'all'
    and month_start > $__timeFrom()::timestamptz - interval '1 month'
    and month_start <= $__timeTo()::timestamptz
group by heard_percent
order by heard_percent
