-- Days that the build touched, with more active users than people who sent events.
with touched as (
    select distinct event_date
    from core.fact_user_events
    where load_date in ({{ days }})
),

people as (
    select
        event_date,
        count(*) as people
    from summaries.fact_user_daily
    where event_date in (select touched.event_date from touched)
    group by event_date
)

select
    mart.activity_date,
    mart.dau,
    coalesce(people.people, 0) as people
from {{ batch }} as mart
inner join touched on mart.activity_date = touched.event_date
left join people on mart.activity_date = people.event_date
where mart.dau > coalesce(people.people, 0)
order by mart.activity_date
