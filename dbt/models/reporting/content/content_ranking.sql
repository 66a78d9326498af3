-- One row per day, week or month, kind, and thing of that kind that people viewed, started, completed or liked.
--
-- Titles and names are those of now.
select
    mart.period,
    mart.period_start,
    mart.kind,
    mart.thing,
    case mart.kind
        when 'content' then content.title
        when 'creator' then creator.creator_name
        else mart.thing
    end as label,
    mart.people_rank,
    mart.completion_rank,
    mart.people,
    mart.starters,
    mart.views,
    mart.starts,
    mart.completions,
    round(mart.completions::numeric / nullif(mart.starts, 0), 4) as completion_rate,
    round(mart.heard_seconds / 60, 2) as heard_minutes,
    mart.likes,
    mart.unlikes,
    mart.likes - mart.unlikes as net_likes,
    round((mart.likes - mart.unlikes)::numeric / nullif(mart.views, 0), 4) as like_ratio,
    (mart.period_start + ('1 ' || mart.period)::interval)::date <= newest.event_date + 1 as is_complete
from {{ ref('mart_content') }} as mart
cross join (select max(event_date) as event_date from {{ ref('active_dates') }}) as newest
left join {{ ref('dim_content') }} as content
    on mart.kind = 'content' and mart.thing = content.content_id and content.is_current
left join {{ ref('dim_creator') }} as creator on mart.kind = 'creator' and mart.thing = creator.creator_id
