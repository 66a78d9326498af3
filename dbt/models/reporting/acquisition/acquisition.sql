-- One row per day, week or month, attribution model, slice, and channel, source, medium and campaign of the slice.
select
    mart.period,
    mart.period_start,
    mart.model,
    mart.slice,
    mart.channel,
    mart.source,
    mart.medium,
    mart.campaign,
    mart.people,
    mart.sessions,
    mart.sign_ups,
    mart.purchases,
    (mart.period_start + ('1 ' || mart.period)::interval)::date <= newest.event_date + 1 as is_complete
from {{ ref('mart_acquisition') }} as mart
cross join (select max(event_date) as event_date from {{ ref('active_dates') }}) as newest
