-- One row per date, from the first use of any feature on, and feature: who has used it by then.
with adopters as (
    select
        feature,
        first_date,
        count(*) as people
    from {{ ref('fact_feature_first_uses') }}
    group by feature, first_date
),

features as (
    select
        feature,
        min(min(first_date)) over () as first_date
    from adopters
    group by feature
),

arrivals as (
    select
        first_active_date,
        sum(people) as people
    from {{ ref('mart_cohort_spans') }}
    group by first_active_date
),

people as (
    select
        dates.event_date,
        sum(coalesce(arrivals.people, 0)) over (order by dates.event_date) as people
    from {{ ref('active_dates') }} as dates
    left join arrivals on dates.event_date = arrivals.first_active_date
),

adopted as (
    select
        people.event_date as activity_date,
        features.feature,
        people.people::bigint as people,
        coalesce(adopters.people, 0) as new_adopters,
        (sum(coalesce(adopters.people, 0)) over (partition by features.feature order by people.event_date))::bigint
            as adopters
    from people
    inner join features on people.event_date >= features.first_date
    left join adopters on features.feature = adopters.feature and people.event_date = adopters.first_date
)

select
    activity_date,
    feature,
    new_adopters,
    adopters,
    people,
    round(adopters::numeric / people, 4) as adoption
from adopted
