-- One row per range (a week, a month, the 28 days that end with a week) and number of active days in it.
with ranges as (
    {%- for range in ['week', 'month', 'trailing_28'] %}
    {%- set start = start_of('month' if range == 'month' else 'week', 'event_date') %}
    {%- set range_end = '(' ~ start ~ " + interval '1 " ~ ('month' if range == 'month' else 'week') ~ "')::date - 1" %}
    select distinct
        '{{ range }}' as within,
        {{ range_end ~ ' - 27' if range == 'trailing_28' else start }} as range_start,
        {{ range_end }} as range_end
    from {{ ref('active_dates') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

people as (
    select
        'week' as within,
        week_start as range_start,
        active_days
    from {{ ref('fact_user_weekly_summary') }}
    union all
    select
        'month' as within,
        month_start as range_start,
        active_days
    from {{ ref('fact_user_monthly_summary') }}
    union all
    select
        'trailing_28' as within,
        ranges.range_start,
        count(*) as active_days
    from ranges
    inner join {{ ref('fact_user_active_days') }} as days
        on days.event_date between ranges.range_start and ranges.range_end
    where ranges.within = 'trailing_28'
    group by ranges.range_start, days.person_id
),

counted as (
    select
        within,
        range_start,
        active_days,
        count(*) as people
    from people
    group by within, range_start, active_days
),

bars as (
    select
        ranges.within,
        ranges.range_start,
        ranges.range_end,
        numbers.active_days,
        coalesce(counted.people, 0) as people
    from ranges
    cross join lateral generate_series(1, ranges.range_end - ranges.range_start + 1) as numbers (active_days)
    left join counted
        on
            ranges.within = counted.within
            and ranges.range_start = counted.range_start
            and numbers.active_days = counted.active_days
)

select
    bars.within,
    bars.range_start,
    bars.range_end,
    bars.active_days,
    bars.people,
    (sum(bars.people) over (
        partition by bars.within, bars.range_start
        order by bars.active_days desc
    ))::bigint as people_at_least,
    round(bars.people / nullif(sum(bars.people) over (partition by bars.within, bars.range_start), 0), 4) as share,
    bars.range_end <= (select max(event_date) from {{ ref('active_dates') }}) as is_complete
from bars
