-- One row per month of a first start, kind, thing and twentieth of the content: who heard so much of it, and no more.
select
    month_start,
    kind,
    thing,
    twentieths * 5 as heard_percent,
    starters,
    completers,
    starters - completers as dropped_off
from {{ ref('mart_content_progress') }}
where twentieths >= 0
