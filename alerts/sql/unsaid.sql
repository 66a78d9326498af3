-- Open alerts that nobody was told of; not those of long ago, which would all come when `ALERT_URL` is set first.
select
    alert_id,
    title
from ops.alert
where
    said_at is null
    and recovered_at is null
    and last_seen > {{ now }}::timestamptz - interval '2 days'
order by alert_id;
