-- Days, of those the build touched, with more active users than people who sent events.
with touched as (
    select distinct event_date
    from core.fact_user_events
    where load_date in ({days})
),

people as (
    select
        facts.event_date,
        count(distinct facts.actor_id) as actors
    from core.fact_user_events as facts
    where facts.event_date in (select touched.event_date from touched)
    group by facts.event_date
)

select
    mart.activity_date,
    mart.dau,
    coalesce(people.actors, 0) as actors
from {batch} as mart
inner join touched on mart.activity_date = touched.event_date
left join people on mart.activity_date = people.event_date
where mart.dau > coalesce(people.actors, 0)
