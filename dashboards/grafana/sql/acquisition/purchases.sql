select
    period_start::timestamptz as "time",
    channel as metric,
    purchases
from reporting.acquisition
where
    period = '$period'
    and model = '$model'
    and slice = 'channel'
    and ('(all)' in ($channel) or channel in ($channel))
    and period_start > $__timeFrom()::timestamptz - ('1 ' || '$period')::interval
    and period_start <= $__timeTo()::timestamptz
order by period_start, channel
