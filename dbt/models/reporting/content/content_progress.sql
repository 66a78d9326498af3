-- One row per month of a first start, kind and thing: how far those came who started it in the month.
select
    mart.month_start,
    mart.kind,
    mart.thing,
    sum(mart.starters)::bigint as starters,
    sum(mart.completers)::bigint as completers,
    coalesce(sum(mart.starters) filter (where mart.twentieths >= 0), 0)::bigint as measured_starters,
    {%- for share in [25, 50, 75, 100] %}
    coalesce(sum(mart.starters) filter (where mart.twentieths >= {{ share // 5 }}), 0)::bigint as reached_{{ share }},
    {%- endfor %}
    {%- for share in [25, 50, 75, 100] %}
    round(
        coalesce(sum(mart.starters) filter (where mart.twentieths >= {{ share // 5 }}), 0)
        / nullif(sum(mart.starters) filter (where mart.twentieths >= 0), 0),
        4
    ) as reached_{{ share }}_rate,
    {%- endfor %}
    (mart.month_start + interval '1 month')::date + {{ var('progress_days') }} <= newest.event_date + 2 as is_complete
from {{ ref('mart_content_progress') }} as mart
cross join (select max(event_date) as event_date from {{ ref('active_dates') }}) as newest
group by mart.month_start, mart.kind, mart.thing, newest.event_date
