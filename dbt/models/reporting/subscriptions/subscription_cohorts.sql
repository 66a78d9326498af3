-- One row per month of people's first payment and month since: who still subscribes, and what they are worth.
with months as (
    select
        {{ month_of('event_date') }} as month_start,
        ({{ month_of('event_date') }} + interval '1 month')::date <= max(max(event_date)) over () + 1 as is_complete
    from {{ ref('active_dates') }}
    group by {{ month_of('event_date') }}
),

facts as (
    select
        facts.*,
        facts.was_active and not facts.is_active and coalesce(facts.active_until > dates.last_date, false)
            as is_not_over
    from {{ ref('fact_subscriber_months') }} as facts
    cross join (
        select max(event_date) as last_date
        from {{ ref('active_dates') }}
    ) as dates
    where facts.slice = 'reporting'
),

sizes as (
    select
        cohort_month,
        count(distinct person_id) as cohort_subscribers
    from facts
    group by cohort_month
),

cells as (
    select
        sizes.cohort_month,
        months.month_start,
        months.is_complete,
        sizes.cohort_subscribers,
        count(*) filter (where facts.is_active or facts.is_not_over) as active_subscribers,
        coalesce(sum(facts.revenue), 0) as revenue,
        coalesce(sum(case when facts.is_not_over then facts.mrr_before else facts.mrr end), 0) as mrr
    from sizes
    inner join months on sizes.cohort_month <= months.month_start
    left join facts on sizes.cohort_month = facts.cohort_month and months.month_start = facts.month_start
    group by sizes.cohort_month, months.month_start, months.is_complete, sizes.cohort_subscribers
),

summed as (
    select
        *,
        sum(revenue) over since as cumulative_revenue,
        sum(mrr) over since as cumulative_mrr,
        (sum(active_subscribers) over since - first_value(active_subscribers) over since)
        / nullif(sum(active_subscribers) over since - active_subscribers, 0) as monthly_survival
    from cells
    window since as (partition by cohort_month order by month_start)
)

select
    cohort_month,
    (
        12 * (extract(year from month_start) - extract(year from cohort_month))
        + extract(month from month_start) - extract(month from cohort_month)
    )::integer as months_since,
    month_start,
    is_complete,
    cohort_subscribers,
    active_subscribers,
    round(active_subscribers::numeric / cohort_subscribers, 4) as survival,
    revenue,
    cumulative_revenue,
    round(cumulative_revenue / cohort_subscribers, 2) as lifetime_value,
    mrr,
    case when is_complete then round(monthly_survival, 4) end as monthly_survival,
    case
        when is_complete and monthly_survival < 1
            then round((cumulative_mrr + mrr * monthly_survival / (1 - monthly_survival)) / cohort_subscribers, 2)
    end as projected_lifetime_value
from summed
