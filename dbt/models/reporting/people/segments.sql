-- One row per week and segment: how many people are in it.
select
    week_start,
    segment,
    sum(people)::bigint as people,
    round(sum(people) / sum(sum(people)) over (partition by week_start), 4) as share,
    bool_and(is_complete) as is_complete
from ({{ segment_moves(ref('mart_segment_moves')) }}) as moves
group by week_start, segment
