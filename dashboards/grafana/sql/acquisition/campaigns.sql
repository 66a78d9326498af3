select
    channel,
    source,
    medium,
    campaign,
    sum(sessions) filter (where model = 'session') as sessions,
    sum(sign_ups) filter (where model = '$model') as "sign-ups",
    sum(purchases) filter (where model = '$model') as purchases
from reporting.acquisition
where
    period = 'day'
    and slice = 'campaign'
    and ('(all)' in ($channel) or channel in ($channel))
    and ('(all)' in ($source) or source in ($source))
    and $__timeFilter(period_start)
group by channel, source, medium, campaign
order by sessions desc nulls last, channel, source, medium, campaign
limit 200
