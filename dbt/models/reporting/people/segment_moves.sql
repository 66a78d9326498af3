-- One row per week, segment of the week before and segment of the week: how many people moved so, or stayed.
with moves as (
    select
        week_start,
        segment_before,
        segment,
        people::numeric as people
    from {{ ref('mart_segment_moves') }}
    union all
    -- Those who are dormant in both weeks: all who became dormant by the week before, less those who came back by now.
    select
        week_start,
        'dormant' as segment_before,
        'dormant' as segment,
        sum(sum(people) filter (where segment = 'dormant')) over (
            order by week_start rows between unbounded preceding and 1 preceding
        ) - coalesce(sum(sum(people) filter (where segment_before = 'dormant')) over (order by week_start), 0) as people
    from {{ ref('mart_segment_moves') }}
    group by week_start
)

select
    week_start,
    segment_before,
    segment,
    people::bigint as people,
    week_start + 6 <= (select max(dates.event_date) from {{ ref('active_dates') }} as dates) as is_complete
from moves
where people > 0
