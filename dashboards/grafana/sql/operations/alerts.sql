select
    title,
    first_seen as since,
    last_seen as "seen last",
    times,
    load_days as "load days",
    said_at as said
from ops.open_alert
order by first_seen desc
limit 100
