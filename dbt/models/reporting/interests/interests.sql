-- One row per kind (topic, format, time of day) and thing of that kind: what the people of the last 28 days care for.
with last_date as (
    select max(event_date) as event_date
    from {{ ref('active_dates') }}
),

counted as (
    select
        mart.kind,
        mart.thing,
        count(*) as people,
        count(*) filter (where mart.interest_rank = 1) as people_first,
        sum(mart.uses) as uses
    from {{ ref('mart_interests') }} as mart
    inner join last_date on mart.last_active_date > last_date.event_date - {{ var('interest_days') }}
    group by mart.kind, mart.thing
)

select
    kind,
    thing,
    people,
    people_first,
    round(people_first / sum(people_first) over (partition by kind), 4) as share_first,
    uses::bigint as uses,
    round(uses / sum(uses) over (partition by kind), 4) as share_of_uses
from counted
