select
    people_rank as rank,
    coalesce(label, thing) as name,
    people,
    starters,
    completions,
    completion_rate as "completed",
    heard_minutes as minutes,
    views,
    net_likes as likes
from reporting.content_ranking
where
    period = '$period'
    and kind = '$kind'
    and period_start = (
        select max(newest.period_start)
        from reporting.content_ranking as newest
        where
            newest.period = '$period'
            and newest.kind = 'all'
            and newest.is_complete
            and newest.period_start <= $__timeTo()::timestamptz
    )
order by people_rank, thing
limit 50
