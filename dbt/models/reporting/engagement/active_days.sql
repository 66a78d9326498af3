-- One row per range (a week, a month, the 28 days that end with a week) and number of active days in it.
--
-- Each kind of range is a branch of its own: who asks for one range waits for no other, and who asks which there are, for
-- none. For that, sums are by all of what is asked for.
with
{%- for range in ['week', 'month', 'trailing_28'] %}
{%- set period = 'month' if range == 'month' else 'week' %}
{%- set start = start_of(period, 'event_date') %}
{%- set range_end = '(' ~ start ~ " + interval '1 " ~ period ~ "')::date - 1" %}
{{ range }}_ranges as (
    select distinct
        {{ range_end ~ ' - 27' if range == 'trailing_28' else start }} as range_start,
        {{ range_end }} as range_end
    from {{ ref('active_dates') }}
),

{{ range }}_people as (
    {%- if range == 'trailing_28' %}
    select
        ranges.range_end,
        count(*)::integer as active_days
    from {{ range }}_ranges as ranges
    inner join {{ ref('fact_user_active_days') }} as days
        on days.event_date between ranges.range_start and ranges.range_end
    group by ranges.range_end, days.person_id
    {%- else %}
    select
        ({{ period }}_start + interval '1 {{ period }}')::date - 1 as range_end,
        active_days
    from {{ ref('fact_user_' ~ period ~ 'ly_summary') }}
    {%- endif %}
),

{{ range }}_counted as (
    select
        range_end,
        active_days,
        count(*) as people
    from {{ range }}_people
    group by range_end, active_days
),

{{ range }}_bars as (
    select
        '{{ range }}' as within,
        ranges.range_start,
        ranges.range_end,
        numbers.active_days,
        coalesce(counted.people, 0) as people
    from {{ range }}_ranges as ranges
    cross join lateral generate_series(1, ranges.range_end - ranges.range_start + 1) as numbers (active_days)
    left join {{ range }}_counted as counted
        on ranges.range_end = counted.range_end and numbers.active_days = counted.active_days
){{ ',' if not loop.last }}
{% endfor %}
{% for range in ['week', 'month', 'trailing_28'] -%}
select
    bars.within,
    bars.range_start,
    bars.range_end,
    bars.active_days,
    bars.people,
    (sum(bars.people) over (
        partition by bars.within, bars.range_end
        order by bars.active_days desc
    ))::bigint as people_at_least,
    round(bars.people / nullif(sum(bars.people) over (partition by bars.within, bars.range_end), 0), 4) as share,
    bars.range_end <= (select max(event_date) from {{ ref('active_dates') }}) as is_complete
from {{ range }}_bars as bars
{{ 'union all' if not loop.last }}
{% endfor %}
