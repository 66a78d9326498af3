-- One row per date, attribution model, channel, source, medium, campaign and currency with a purchase.
select
    event_date as purchase_date,
    model,
    channel,
    touch_source as source,
    touch_medium as medium,
    touch_campaign as campaign,
    coalesce(currency, 'unknown') as currency,
    count(*) as purchases,
    sum(amount) as revenue
from {{ ref('fact_conversions') }}
where conversion = 'purchase'
group by event_date, model, channel, touch_source, touch_medium, touch_campaign, coalesce(currency, 'unknown')
