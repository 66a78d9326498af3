-- One row per day, week and month in which content came out: what, and of how many creators. What is deleted is left out.
select
    periods.period,
    periods.period_start,
    count(*) as pieces,
    count(distinct content.creator_id) as active_creators
from {{ ref('dim_content') }} as content
{{ periods_of(date_of('content.released_at')) }}
where content.is_current and content.released_at is not null
group by periods.period, periods.period_start
