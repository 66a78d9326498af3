-- One row per feature and number of days since people were first active, 0 to 90: who had used it by then.
--
-- Somebody counts for as many days as have passed since then.
with last_date as (
    select max(event_date) as event_date
    from {{ ref('active_dates') }}
),

-- Where each comes in, and where each is no longer known: the running sum is who counts.
arrivals as (
    select
        moves.days,
        sum(moves.people) as people
    from {{ ref('mart_cohort_spans') }} as spans
    cross join last_date
    cross join lateral (
        values
        (0, spans.people),
        (last_date.event_date - spans.first_active_date + 1, -spans.people)
    ) as moves (days, people)
    group by moves.days
),

adopters as (
    select
        firsts.feature,
        moves.days,
        sum(moves.people) as people
    from {{ ref('fact_feature_first_uses') }} as firsts
    inner join {{ ref('fact_first_active_dates') }} as people on firsts.person_id = people.person_id
    cross join last_date
    cross join lateral (
        values
        (firsts.first_date - people.first_active_date, 1),
        (last_date.event_date - people.first_active_date + 1, -1)
    ) as moves (days, people)
    group by firsts.feature, moves.days
),

features as (
    select distinct feature
    from adopters
),

counted as (
    select
        features.feature,
        numbers.days,
        sum(coalesce(arrivals.people, 0)) over so_far as people,
        sum(coalesce(adopters.people, 0)) over so_far as adopters
    from features
    cross join generate_series(0, 90) as numbers (days)
    left join arrivals on numbers.days = arrivals.days
    left join adopters on features.feature = adopters.feature and numbers.days = adopters.days
    window so_far as (partition by features.feature order by numbers.days)
)

select
    feature,
    days as days_since_first_active,
    people::bigint as people,
    adopters::bigint as adopters,
    round(adopters / people, 4) as adoption
from counted
where people > 0
