-- One row per person, slice, currency and month in which the person paid for a plan, or stopped to: what it comes to a month.
--
-- What is paid for lies in the months ahead, too; marts look at those that have begun.
{{ config(
    indexes=[
        {'columns': ['person_id', 'slice', 'currency', 'month_start'], 'unique': true},
        {'columns': ['month_start']},
    ],
    meta={'scope': {'by': 'person_id'}},
) }}
with {{ subscription_periods() }},

months_covered as (
    select
        periods.person_id,
        slices.slice,
        slices.currency,
        months.month::date as month_start,
        coalesce(sum(slices.monthly_amount), 0) as mrr,
        bool_or(slices.monthly_amount is null) as is_without_amount
    from periods
    cross join lateral generate_series(
        {{ month_of('periods.paid_from') }}::timestamp,
        {{ month_of('periods.ends_on') }}::timestamp - interval '1 month',
        interval '1 month'
    ) as months (month)
    cross join lateral (
        values
        ('reporting', '{{ reporting_currency() }}', periods.monthly_reporting_amount),
        ('original', periods.currency, periods.monthly_amount)
    ) as slices (slice, currency, monthly_amount)
    group by periods.person_id, slices.slice, slices.currency, months.month
),

in_order as (
    select
        *,
        (month_start + interval '1 month')::date as next_month,
        lag(month_start) over months as earlier_month,
        lag(mrr) over months as earlier_mrr,
        lead(month_start) over months as later_month
    from months_covered
    window months as (partition by person_id, slice, currency order by month_start)
),

measures as (
    select
        person_id,
        slice,
        currency,
        month_start,
        case when earlier_month = month_start - interval '1 month' then earlier_mrr else 0 end as mrr_before,
        mrr,
        coalesce(earlier_month = month_start - interval '1 month', false) as was_active,
        true as is_active,
        earlier_month is null as is_first,
        is_without_amount,
        null::date as active_until,
        0 as payments,
        0 as revenue,
        0 as periods_due,
        0 as periods_renewed
    from in_order
    union all
    select
        in_order.person_id,
        in_order.slice,
        in_order.currency,
        in_order.next_month as month_start,
        in_order.mrr as mrr_before,
        0 as mrr,
        true as was_active,
        false as is_active,
        false as is_first,
        false as is_without_amount,
        max(periods.ends_on) as active_until,
        0 as payments,
        0 as revenue,
        0 as periods_due,
        0 as periods_renewed
    from in_order
    inner join periods
        on
            in_order.person_id = periods.person_id
            and in_order.next_month = {{ month_of('periods.ends_on') }}
            and (in_order.slice = 'reporting' or in_order.currency = periods.currency)
    where in_order.later_month is distinct from in_order.next_month
    group by in_order.person_id, in_order.slice, in_order.currency, in_order.next_month, in_order.mrr
    union all
    select
        periods.person_id,
        slices.slice,
        slices.currency,
        {{ month_of('periods.paid_from') }} as month_start,
        0 as mrr_before,
        0 as mrr,
        false as was_active,
        false as is_active,
        false as is_first,
        false as is_without_amount,
        null as active_until,
        1 as payments,
        coalesce(slices.paid, 0) as revenue,
        0 as periods_due,
        0 as periods_renewed
    from periods
    cross join lateral (
        values
        ('reporting', '{{ reporting_currency() }}', periods.reporting_amount),
        ('original', periods.currency, periods.amount)
    ) as slices (slice, currency, paid)
    union all
    select
        periods.person_id,
        slices.slice,
        slices.currency,
        {{ month_of('periods.ends_on') }} as month_start,
        0 as mrr_before,
        0 as mrr,
        false as was_active,
        false as is_active,
        false as is_first,
        false as is_without_amount,
        null as active_until,
        0 as payments,
        0 as revenue,
        1 as periods_due,
        periods.is_continued::integer as periods_renewed
    from periods
    cross join lateral (
        values
        ('reporting', '{{ reporting_currency() }}'),
        ('original', periods.currency)
    ) as slices (slice, currency)
    where not periods.is_switched
)

select
    measures.person_id,
    measures.slice,
    measures.currency,
    measures.month_start,
    firsts.cohort_month,
    sum(measures.mrr_before) as mrr_before,
    sum(measures.mrr) as mrr,
    bool_or(measures.was_active) as was_active,
    bool_or(measures.is_active) as is_active,
    bool_or(measures.is_first) as is_first,
    bool_or(measures.is_without_amount) as is_without_amount,
    max(measures.active_until) as active_until,
    sum(measures.payments)::integer as payments,
    sum(measures.revenue) as revenue,
    sum(measures.periods_due)::integer as periods_due,
    sum(measures.periods_renewed)::integer as periods_renewed
from measures
inner join (
    select
        person_id,
        {{ month_of('min(paid_from)') }} as cohort_month
    from periods
    group by person_id
) as firsts on measures.person_id = firsts.person_id
group by measures.person_id, measures.slice, measures.currency, measures.month_start, firsts.cohort_month
{{ in_order_of('measures.month_start') }}
