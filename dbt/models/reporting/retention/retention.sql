-- One row per period (day, week, month), cohort and number of periods since: how many people of the cohort were active.
with periods as (
    {%- for period in ['day', 'week', 'month'] %}
    {%- set start = start_of(period, 'event_date') %}
    select
        '{{ period }}' as period,
        {{ start }} as period_start,
        ({{ start }} + interval '1 {{ period }}')::date - 1 <= (
            select max(event_date) from {{ ref('active_dates') }}
        ) as is_complete
    from {{ ref('active_dates') }}
    group by {{ start }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

activity as (
    {%- for period, mart in [
        ('day', 'fact_user_retention_cohorts_daily'),
        ('week', 'fact_user_retention_cohorts_weekly'),
        ('month', 'fact_user_retention_cohorts_monthly'),
    ] %}
    select
        '{{ period }}' as period,
        cohort_start,
        active_start,
        people
    from {{ ref(mart) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- People of a cohort by the period in which they were active last.
lasts as (
    {%- for period in ['day', 'week', 'month'] %}
    {%- set first, last = start_of(period, 'first_active_date'), start_of(period, 'last_active_date') %}
    select
        '{{ period }}' as period,
        {{ first }} as cohort_start,
        {{ last }} as last_start,
        sum(people) as people
    from {{ ref('mart_cohort_spans') }}
    group by {{ first }}, {{ last }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- A cohort with its counts by period. A join of cells by value would look at each count for each cell: how many rows
-- there are is not known when the query is planned.
cohorts as (
    select
        period,
        cohort_start,
        max(people) filter (where active_start = cohort_start) as cohort_people,
        jsonb_object_agg(active_start, people) as people
    from activity
    group by period, cohort_start
),

cohort_lasts as (
    select
        period,
        cohort_start,
        jsonb_object_agg(last_start, people) as lasts
    from lasts
    group by period, cohort_start
),

cells as (
    select
        cohorts.period,
        cohorts.cohort_start,
        periods.period_start as active_start,
        row_number() over (
            partition by cohorts.period, cohorts.cohort_start
            order by periods.period_start
        ) - 1 as period_number,
        periods.is_complete,
        cohorts.cohort_people,
        coalesce((cohorts.people ->> periods.period_start::text)::bigint, 0) as people,
        sum(coalesce((cohort_lasts.lasts ->> periods.period_start::text)::numeric, 0)) over (
            partition by cohorts.period, cohorts.cohort_start
            order by periods.period_start desc
        ) as people_on_or_after
    from cohorts
    inner join periods on cohorts.period = periods.period and cohorts.cohort_start <= periods.period_start
    left join cohort_lasts on cohorts.period = cohort_lasts.period and cohorts.cohort_start = cohort_lasts.cohort_start
    where cohorts.cohort_people is not null
)

select
    period,
    cohort_start,
    period_number::integer as period_number,
    active_start,
    cohort_people,
    case when is_complete or period_number = 0 then people end as people,
    case when is_complete or period_number = 0 then round(people::numeric / cohort_people, 4) end as retention,
    case when is_complete or period_number = 0 then people_on_or_after::bigint end as people_on_or_after,
    case when is_complete or period_number = 0 then round(people_on_or_after / cohort_people, 4) end
        as retention_on_or_after
from cells
