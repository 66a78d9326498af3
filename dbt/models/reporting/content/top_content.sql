-- One row per date and piece of content: `mart_top_content` with what the content is called now.
select
    mart.activity_date,
    mart.completion_rank,
    mart.content_id,
    content.title,
    content.content_type,
    mart.completions
from {{ ref('mart_top_content') }} as mart
left join {{ ref('dim_content') }} as content on mart.content_id = content.content_id and content.is_current
