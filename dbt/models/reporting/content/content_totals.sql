-- One row per piece of content that is known now or that anything happened about: sums over all dates.
--
-- A view: a table of sums over all dates would be computed from the whole history of whatever a day touches.
with sums as (
    select
        content_id,
        sum(views)::bigint as views,
        sum(likes)::bigint as likes,
        sum(unlikes)::bigint as unlikes,
        sum(starts)::bigint as starts,
        sum(completions)::bigint as completions
    from {{ ref('fact_content_daily') }}
    group by content_id
),

known as (
    select
        content_id,
        content_type,
        title,
        creator_id,
        released_at
    from {{ ref('dim_content') }}
    where is_current and content_id is not null
)

select
    coalesce(known.content_id, sums.content_id) as content_id,
    known.content_type,
    known.title,
    known.creator_id,
    {{ date_of('known.released_at') }} as released_on,
    coalesce(sums.views, 0) as views,
    coalesce(sums.likes, 0) as likes,
    coalesce(sums.unlikes, 0) as unlikes,
    coalesce(sums.likes - sums.unlikes, 0) as net_likes,
    round((sums.likes - sums.unlikes)::numeric / nullif(sums.views, 0), 4) as like_ratio,
    coalesce(sums.starts, 0) as starts,
    coalesce(sums.completions, 0) as completions
from known
full outer join sums on known.content_id = sums.content_id
