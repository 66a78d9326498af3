select
    channel,
    sum(sign_ups) filter (where model = 'first_touch') as "sign-ups, first touch",
    sum(sign_ups) filter (where model = 'last_non_direct') as "sign-ups, last that is not direct",
    sum(purchases) filter (where model = 'first_touch') as "purchases, first touch",
    sum(purchases) filter (where model = 'last_non_direct') as "purchases, last that is not direct"
from reporting.acquisition
where
    period = 'day'
    and slice = 'channel'
    and model <> 'session'
    and ('(all)' in ($channel) or channel in ($channel))
    and $__timeFilter(period_start)
group by channel
order by 2 desc nulls last, channel
