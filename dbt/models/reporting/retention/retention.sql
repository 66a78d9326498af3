-- One row per period (day, week, month), cohort and number of periods since: how many people of the cohort were active.
--
-- A cohort has arrays of its counts and of the periods that they are of, in order: the count of a period is found by halving
-- (width_bucket). A join of cells by value would look at each count for each cell: how many rows there are is not known
-- when the query is planned. And who asks for some of the cells does not wait for the others.
with the_last as (
    select max(event_date) as event_date from {{ ref('active_dates') }}
)

{%- for period, mart in [
    ('day', 'fact_user_retention_cohorts_daily'),
    ('week', 'fact_user_retention_cohorts_weekly'),
    ('month', 'fact_user_retention_cohorts_monthly'),
] %}
{%- set start = start_of(period, 'event_date') %}
{%- set first, last = start_of(period, 'first_active_date'), start_of(period, 'last_active_date') %},

{{ period }}_periods as (
    select
        {{ start }} as period_start,
        ({{ start }} + interval '1 {{ period }}')::date - 1 <= (select the_last.event_date from the_last) as is_complete
    from {{ ref('active_dates') }}
    group by {{ start }}
),

{{ period }}_cohorts as (
    select
        cohort_start,
        max(people) filter (where active_start = cohort_start) as cohort_people,
        array_agg(active_start order by active_start) as active_starts,
        array_agg(people order by active_start) as people
    from {{ ref(mart) }}
    group by cohort_start
),

-- People of a cohort by the period in which they were active last, and all of those who were not active later.
{{ period }}_lasts as (
    select
        cohort_start,
        array_agg(last_start order by last_start) as last_starts,
        array_agg(people_so_far order by last_start) as people_so_far,
        max(people_so_far) as people
    from (
        select
            {{ first }} as cohort_start,
            {{ last }} as last_start,
            sum(sum(people)) over (partition by {{ first }} order by {{ last }})::bigint as people_so_far
        from {{ ref('mart_cohort_spans') }}
        group by {{ first }}, {{ last }}
    ) as spans
    group by cohort_start
),

{{ period }}_cells as (
    select
        cohorts.cohort_start,
        {{ periods_between(period, 'cohorts.cohort_start', 'periods.period_start') }} as period_number,
        periods.period_start as active_start,
        periods.is_complete or cohorts.cohort_start = periods.period_start as is_known,
        cohorts.cohort_people,
        case
            when
                cohorts.active_starts[width_bucket(periods.period_start, cohorts.active_starts)] = periods.period_start
                then cohorts.people[width_bucket(periods.period_start, cohorts.active_starts)]
            else 0
        end as people,
        coalesce(
            lasts.people
            - coalesce(lasts.people_so_far[width_bucket(periods.period_start - 1, lasts.last_starts)], 0),
            0
        ) as people_on_or_after
    from {{ period }}_cohorts as cohorts
    inner join {{ period }}_periods as periods on cohorts.cohort_start <= periods.period_start
    left join {{ period }}_lasts as lasts on cohorts.cohort_start = lasts.cohort_start
    where cohorts.cohort_people is not null
)

{%- endfor %}

{% for period in ['day', 'week', 'month'] -%}
select
    '{{ period }}' as period,
    cohort_start,
    period_number,
    active_start,
    cohort_people,
    case when is_known then people end as people,
    case when is_known then round(people::numeric / cohort_people, 4) end as retention,
    case when is_known then people_on_or_after end as people_on_or_after,
    case when is_known then round(people_on_or_after::numeric / cohort_people, 4) end as retention_on_or_after
from {{ period }}_cells
{{ 'union all' if not loop.last }}
{% endfor %}
