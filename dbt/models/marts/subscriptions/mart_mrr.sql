-- One row per month, slice and currency: the monthly recurring revenue at its end, and by what it changed in it.
{{ config(
    indexes=[{'columns': ['month_start', 'slice', 'currency'], 'unique': true}],
    meta={'scope': {'by': 'event_month'}},
) }}
with dates as (
    select max(event_date) as last_date
    from {{ ref('active_dates') }}
),

months as (
    select
        {{ month_of('active.event_date') }} as month_start,
        ({{ month_of('active.event_date') }} + interval '1 month')::date <= min(dates.last_date) + 1 as is_complete
    from {{ ref('active_dates') }} as active
    cross join dates
    where {{ in_scope(month_of('active.event_date')) }}
    group by {{ month_of('active.event_date') }}
),

-- What ends in this month, but after the last date, has not ended yet.
subscribers as (
    select
        facts.month_start,
        facts.slice,
        facts.currency,
        facts.mrr_before,
        case when standing.is_not_over then facts.mrr_before else facts.mrr end as mrr,
        facts.was_active,
        facts.is_active or standing.is_not_over as is_active,
        facts.is_first,
        facts.is_without_amount,
        facts.payments,
        facts.revenue,
        facts.periods_due,
        facts.periods_renewed
    from months
    inner join {{ ref('fact_subscriber_months') }} as facts on months.month_start = facts.month_start
    cross join dates
    cross join lateral (
        select
            facts.was_active and not facts.is_active and coalesce(facts.active_until > dates.last_date, false)
                as is_not_over
    ) as standing
),

counted as (
    select
        month_start,
        slice,
        currency,
        sum(mrr_before) as mrr_before,
        sum(mrr) filter (where is_active and not was_active and is_first) as new_mrr,
        sum(mrr) filter (where is_active and not was_active and not is_first) as reactivation_mrr,
        sum(mrr - mrr_before) filter (where is_active and was_active and mrr > mrr_before) as expansion_mrr,
        sum(mrr_before - mrr) filter (where is_active and was_active and mrr < mrr_before) as contraction_mrr,
        sum(mrr_before) filter (where was_active and not is_active) as churned_mrr,
        sum(mrr) as mrr,
        count(*) filter (where was_active) as subscribers_before,
        count(*) filter (where is_active and not was_active and is_first) as new_subscribers,
        count(*) filter (where is_active and not was_active and not is_first) as reactivated_subscribers,
        count(*) filter (where is_active and was_active and mrr > mrr_before) as expanded_subscribers,
        count(*) filter (where is_active and was_active and mrr < mrr_before) as contracted_subscribers,
        count(*) filter (where was_active and not is_active) as churned_subscribers,
        count(*) filter (where is_active) as active_subscribers,
        count(*) filter (where is_without_amount) as subscribers_without_amount,
        sum(payments) as payments,
        sum(revenue) as revenue,
        sum(periods_due) as periods_due,
        sum(periods_renewed) as periods_renewed
    from subscribers
    group by month_start, slice, currency
),

known as (
    select
        month_start,
        'reporting' as slice,
        '{{ reporting_currency() }}' as currency
    from months
    union
    select
        month_start,
        slice,
        currency
    from counted
)

select
    known.month_start,
    known.slice,
    known.currency,
    months.is_complete,
    {%- for amount in ['mrr_before', 'new_mrr', 'reactivation_mrr', 'expansion_mrr', 'contraction_mrr', 'churned_mrr', 'mrr'] %}
    coalesce(counted.{{ amount }}, 0) as {{ amount }},
    {%- endfor %}
    {%- for people in ['subscribers_before', 'new_subscribers', 'reactivated_subscribers', 'expanded_subscribers',
        'contracted_subscribers', 'churned_subscribers', 'active_subscribers', 'subscribers_without_amount'] %}
    coalesce(counted.{{ people }}, 0) as {{ people }},
    {%- endfor %}
    round(counted.churned_subscribers::numeric / nullif(counted.subscribers_before, 0), 4) as churn_rate,
    round(
        (counted.mrr_before - coalesce(counted.contraction_mrr, 0) - coalesce(counted.churned_mrr, 0))
        / nullif(counted.mrr_before, 0),
        4
    ) as gross_revenue_retention,
    round(
        (
            counted.mrr_before + coalesce(counted.expansion_mrr, 0) - coalesce(counted.contraction_mrr, 0)
            - coalesce(counted.churned_mrr, 0)
        ) / nullif(counted.mrr_before, 0),
        4
    ) as net_revenue_retention,
    coalesce(counted.payments, 0)::bigint as payments,
    coalesce(counted.revenue, 0) as revenue,
    coalesce(counted.periods_due, 0)::bigint as periods_due,
    coalesce(counted.periods_renewed, 0)::bigint as periods_renewed,
    case when months.is_complete then round(counted.periods_renewed::numeric / nullif(counted.periods_due, 0), 4) end
        as renewal_rate
from known
inner join months on known.month_start = months.month_start
left join counted
    on
        known.month_start = counted.month_start
        and known.slice = counted.slice
        and known.currency = counted.currency
