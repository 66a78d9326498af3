select alert_id
from ops.alert
where
    recovered_at is null
    and starts_with(cause, {{ start }})
order by alert_id;
