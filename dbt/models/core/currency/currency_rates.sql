-- One row per date and currency that can be converted on it: what one unit is worth in the reporting currency.
--
-- The rate of the date, else the last before it. Small, and computed anew each time; only what differs is logged, so that a
-- rate that comes late concerns the dates on which it holds, and no others.
{{ config(
    indexes=[{'columns': ['event_date', 'currency'], 'unique': true}],
    meta={'scope': {'by': 'all'}},
) }}
with told as (
    -- Of rates of one date, the one that landed last; on one load day, the first.
    select distinct on (currency, quote_currency, rate_date) *
    from {{ ref('rate_records') }}
    where currency <> quote_currency
    order by currency, quote_currency, rate_date, load_date desc, file_no, line_no
),

spans as (
    select
        currency,
        quote_currency,
        rate,
        rate_date,
        lead(rate_date) over (partition by currency, quote_currency order by rate_date) as next_date
    from told
    where op = 'upsert' and rate > 0
),

bounds as (
    select
        min(event_date) as first_date,
        max(event_date) as last_date
    from {{ ref('active_dates') }}
),

daily as (
    select
        dates.day::date as event_date,
        spans.currency,
        spans.quote_currency,
        spans.rate,
        spans.rate_date
    from spans
    cross join bounds
    cross join lateral generate_series(
        greatest(spans.rate_date, bounds.first_date)::timestamp,
        least(spans.next_date - 1, bounds.last_date)::timestamp,
        interval '1 day'
    ) as dates (day)
),

-- A rate can be used in both directions: as it is told first.
steps as (
    select
        event_date,
        currency,
        quote_currency,
        rate,
        rate_date,
        0 as preference
    from daily
    union all
    select
        event_date,
        quote_currency as currency,
        currency as quote_currency,
        1 / rate as rate,
        rate_date,
        1 as preference
    from daily
),

ways as (
    select
        event_date,
        '{{ reporting_currency() }}' as currency,
        1::numeric as rate,
        event_date as rate_date,
        -1 as preference,
        '' as via
    from {{ ref('active_dates') }}
    union all
    select
        event_date,
        currency,
        rate,
        rate_date,
        preference,
        '' as via
    from steps
    where quote_currency = '{{ reporting_currency() }}'
    union all
    -- By way of a third currency, as where everything is told in euros and the reporting currency is the dollar.
    select
        steps.event_date,
        steps.currency,
        steps.rate * others.rate as rate,
        least(steps.rate_date, others.rate_date) as rate_date,
        2 + steps.preference + others.preference as preference,
        others.currency as via
    from steps
    inner join steps as others
        on
            steps.event_date = others.event_date
            and steps.quote_currency = others.currency
            and others.quote_currency = '{{ reporting_currency() }}'
    where steps.currency <> '{{ reporting_currency() }}'
)

select distinct on (event_date, currency)
    event_date,
    currency,
    round(rate, 12) as rate,
    rate_date
from ways
order by event_date, currency, preference, via
