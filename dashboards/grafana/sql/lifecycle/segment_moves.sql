select
    segment_before as "the week before",
    segment as "then",
    people
from reporting.segment_moves
where week_start = (
    select max(newest.week_start)
    from reporting.segment_moves as newest
    where
        newest.is_complete
        and newest.week_start <= $__timeTo()::timestamptz
)
order by people desc, segment_before, segment
