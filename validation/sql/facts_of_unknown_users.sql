-- Users of these days' facts whom no change record introduces, when they sent more than {{ share }} of the events.
with users as (
    select
        user_id,
        user_key = -1 as is_unknown,
        count(*) as times
    from core.fact_user_events
    where
        load_date in ({{ days }})
        and user_id is not null
    group by user_id, user_key = -1
),

shares as (
    select
        user_id,
        is_unknown,
        times,
        sum(times) filter (where is_unknown) over () as times_unknown,
        sum(times) over () as times_all
    from users
)

select
    user_id,
    times
from shares
where
    is_unknown
    and times_unknown > {{ share }} * times_all
order by times desc, user_id
