{#-
    Common table expression, `periods`: one row per payment for a plan, of the persons in scope, and the time that it pays for.
    docs/metrics.md (`mart_mrr`) has the rules in words.

    paid_from, ends_on     half-open; ends_on is the date of the next payment, of the expiry, or when the time is over
    is_continued           the next payment came in time
    is_switched            it came well before the time was over: another plan, rather than a renewal
    amount, reporting_amount                    what was paid, as it was told
    monthly_amount, monthly_reporting_amount    what it comes to a month; null where it is not known
-#}
{% macro subscription_periods() -%}
    {%- set order = "event_ts, (event_type = 'subscription_expire') desc, source, event_id" -%}
    events as (
        select
            person_id,
            coalesce(subscription_id, '') as subscription_id,
            source,
            event_id,
            event_ts,
            event_date,
            event_type,
            amount,
            currency,
            reporting_amount,
            billing_months,
            count(amount) over in_time as amount_no,
            lead(event_type) over in_time as next_type,
            lead(event_date) over in_time as next_date,
            case when lag(event_type) over in_time <> 'subscription_expire' then lag(event_date) over in_time end
                as previous_date
        from {{ ref('fact_sales') }}
        where
            event_type in ('subscription_start', 'subscription_renew', 'subscription_expire')
            and {{ in_scope('person_id') }}
        window in_time as (partition by person_id, coalesce(subscription_id, '') order by {{ order }})
    ),

    -- A payment that does not say its amount is as much as the one before it; one that does not say for how many months is
    -- for as many as lie between it and the renewal that follows, else the payment that it renews, else for one.
    priced as (
        select
            *,
            first_value(amount) over same_amount as price,
            first_value(currency) over same_amount as price_currency,
            first_value(reporting_amount) over same_amount as reporting_price,
            coalesce(
                billing_months,
                case when next_type = 'subscription_renew' then {{ months_between('event_date', 'next_date') }} end,
                case when event_type = 'subscription_renew' then {{ months_between('previous_date', 'event_date') }} end,
                1
            ) as months
        from events
        window same_amount as (partition by person_id, subscription_id, amount_no order by {{ order }})
    ),

    dated as (
        select
            *,
            (event_date + months * interval '1 month')::date as paid_until
        from priced
        where event_type <> 'subscription_expire'
    ),

    ended as (
        select
            *,
            case
                when next_type = 'subscription_start' then next_date <= paid_until
                when next_type = 'subscription_renew' then next_date <= paid_until + {{ var('subscription_grace_days') }}
                else false
            end as is_continued
        from dated
    ),

    runs as (
        select
            *,
            (
                lag(is_continued) over in_time
                and lag(price) over in_time = price
                and lag(price_currency) over in_time = price_currency
                and lag(months) over in_time = months
            ) is true as is_same_price
        from ended
        window in_time as (partition by person_id, subscription_id order by {{ order }})
    ),

    numbered as (
        select
            *,
            count(*) filter (where not is_same_price) over (
                partition by person_id, subscription_id order by {{ order }}
            ) as run_no
        from runs
    ),

    periods as (
        select
            person_id,
            event_date as paid_from,
            case
                when is_continued then next_date
                when
                    next_type = 'subscription_expire'
                    and next_date <= paid_until + {{ var('subscription_grace_days') }} then next_date
                else paid_until
            end as ends_on,
            is_continued,
            is_continued and next_date < paid_until - {{ var('subscription_grace_days') }} as is_switched,
            amount,
            reporting_amount,
            coalesce(price_currency, 'unknown') as currency,
            round(price / months, 6) as monthly_amount,
            -- By the rate of the day on which this price was first paid: a rate that moves is no expansion.
            round(
                first_value(reporting_price) over (
                    partition by person_id, subscription_id, run_no order by {{ order }}
                ) / months,
                6
            ) as monthly_reporting_amount
        from numbered
        where price is distinct from 0 -- who pays nothing is no subscriber
    )
{%- endmacro %}

{#- Whole months that lie between two dates, at least one. -#}
{% macro months_between(first, last) -%}
    greatest(round(({{ last }} - {{ first }}) / 30.4375), 1)::integer
{%- endmacro %}
