select
    coalesce(creator_name, creator_id) as creator,
    pieces,
    views,
    starts,
    completions,
    net_likes as likes,
    like_ratio as "likes per view",
    last_released_on::text as "last release",
    is_active as active
from reporting.creator_totals
order by views desc, creator_id
limit 100
