select
    coalesce(title, content_id) as title,
    content_type as type,
    released_on::text as released,
    views,
    starts,
    completions,
    net_likes as likes,
    like_ratio as "likes per view"
from reporting.content_totals
order by views desc, content_id
limit 100
