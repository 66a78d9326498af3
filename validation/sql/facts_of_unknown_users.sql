-- Users of these days' facts whom no change record introduces, when they sent more than {{ share }} of the events.
with facts as (
    select
        user_id,
        user_key = -1 as is_unknown,
        count(*) as times
    from core.fact_user_events
    where
        load_date in ({{ days }})
        and user_id is not null
    group by user_id, user_key = -1
)

select
    user_id,
    times
from facts
where
    is_unknown
    and (select sum(facts.times) from facts where facts.is_unknown) > {{ share }} * (select sum(facts.times) from facts)
order by times desc, user_id
