-- One row per creator who is known or whose content is: sums over their content of now and over all dates.
with content as (
    select *
    from {{ ref('content_totals') }}
    where creator_id is not null
),

newest as (
    select max(event_date) as event_date
    from {{ ref('active_dates') }}
),

creators as (
    select creator_id
    from {{ ref('dim_creator') }}
    where not is_deleted
    union
    select creator_id
    from content
)

select
    creators.creator_id,
    dim_creator.creator_name,
    count(content.content_id) as pieces,
    coalesce(sum(content.views), 0)::bigint as views,
    coalesce(sum(content.net_likes), 0)::bigint as net_likes,
    round(sum(content.net_likes) / nullif(sum(content.views), 0), 4) as like_ratio,
    coalesce(sum(content.starts), 0)::bigint as starts,
    coalesce(sum(content.completions), 0)::bigint as completions,
    max(content.released_on) as last_released_on,
    coalesce(bool_or(content.released_on > newest.event_date - 30 and content.released_on <= newest.event_date), false)
        as is_active
from creators
cross join newest
left join content on creators.creator_id = content.creator_id
left join {{ ref('dim_creator') }} as dim_creator on creators.creator_id = dim_creator.creator_id
group by creators.creator_id, dim_creator.creator_name
