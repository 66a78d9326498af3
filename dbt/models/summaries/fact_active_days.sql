-- One row per person and date on which the person was active: in which streams of activity, and for each the days to
-- the next date on which the person was active in it, at most 30 (30 also when there is none).
--
-- Streams: the slices (macros/slices.sql; `all` is one of them), and `learner`.
-- Whoever is active in the window of n <= 30 days that ends on D has exactly one last active day in it: date > D - n
-- and date + days to next > D. So the distinct people of any such window are a sum over days, whoever they are.
-- A changed day can change its own row and those of the 30 days before it.
{{ config(
    indexes=[{'columns': ['person_id', 'active_date'], 'unique': true}, {'columns': ['active_date']}],
    meta={'scope': {'by': 'person_date', 'column': 'active_date', 'before': var('longest_window_days')}},
) }}
{% set longest = var('longest_window_days') -%}
with rows_of_days as (
    select
        days.person_id,
        days.event_date as active_date,
        {{ 'null::date' if is_full() else 'spans.first_date' }} as first_date,
        {{ 'null::date' if is_full() else 'spans.last_date' }} as last_date,
        {{ slices('days') }} || case when days.is_learner then '{learner}'::text[] else '{}' end as streams,
        count(*) over (
            partition by days.person_id, days.event_date{{ '' if is_full() else ', spans.first_date' }}
        ) as rows_of_day
    from {{ ref('fact_user_daily_dimensions') }} as days
    {%- if not is_full() %}
    inner join {{ scope_table() }} as spans
        on
            days.person_id = spans.person_id
            and days.event_date >= spans.first_date
            and days.event_date < spans.last_date + {{ longest }}
    {%- endif %}
    where days.is_active
),

days as (
    select
        person_id,
        active_date,
        first_date,
        last_date,
        streams
    from rows_of_days
    where rows_of_day = 1
    union all
    select
        rows_of_days.person_id,
        rows_of_days.active_date,
        rows_of_days.first_date,
        rows_of_days.last_date,
        array_agg(distinct each.stream order by each.stream) as streams
    from rows_of_days
    cross join unnest(rows_of_days.streams) as each (stream)
    where rows_of_days.rows_of_day > 1
    group by rows_of_days.person_id, rows_of_days.active_date, rows_of_days.first_date, rows_of_days.last_date
),

-- Most people do the same on each of their days: the next active day is then the next one of every stream. For the
-- others it is looked up stream by stream.
following as (
    select
        *,
        lead(streams) over later @> streams is false as is_other_next,
        least(lead(active_date) over later - active_date, {{ longest }}) as days_to_next
    from days
    window later as (partition by person_id, first_date order by active_date)
),

others as (
    select
        person_id,
        first_date
    from following
    where is_other_next
    group by person_id, first_date
),

distances as (
    select
        following.person_id,
        following.active_date,
        following.last_date,
        following.streams,
        array_fill(following.days_to_next, array[cardinality(following.streams)]) as days_to_next
    from following
    left join others
        on following.person_id = others.person_id and following.first_date is not distinct from others.first_date
    where others.person_id is null
    union all
    select
        person_id,
        active_date,
        last_date,
        array_agg(stream order by place) as streams,
        array_agg(days_to_next order by place) as days_to_next
    from (
        select
            following.person_id,
            following.active_date,
            following.last_date,
            each.stream,
            each.place,
            least(
                lead(following.active_date) over (
                    partition by following.person_id, following.first_date, each.stream
                    order by following.active_date
                ) - following.active_date,
                {{ longest }}
            ) as days_to_next
        from following
        inner join others
            on following.person_id = others.person_id and following.first_date is not distinct from others.first_date
        cross join unnest(following.streams) with ordinality as each (stream, place)
    ) as told_apart
    group by person_id, active_date, last_date
)

select
    person_id,
    active_date,
    streams,
    days_to_next
from distances
{%- if not is_full() %}
where active_date <= last_date
{%- endif %}
{{ in_order_of('active_date') }}
