select distinct funnel
from reporting.funnels
where
    period = 'month'
    and breakdown = 'all'
