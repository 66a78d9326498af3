select
    completion_rank as rank,
    coalesce(title, content_id) as content,
    content_type as type,
    completions
from reporting.top_content
where activity_date = (
    select max(newest.activity_date)
    from reporting.top_content as newest
    where $__timeFilter(newest.activity_date)
)
order by completion_rank, content_id
limit 10
