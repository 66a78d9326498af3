-- The text of an alert, for the one who is to send it now: nobody else gets it within a minute.
update ops.alert
set tried_at = clock_timestamp()
where
    alert_id = {{ alert_id }}
    and said_at is null
    and recovered_at is null
    and (tried_at is null or tried_at < clock_timestamp() - interval '1 minute')
    and (
        select count(*) from ops.alert as other
        where other.said_at > now() - interval '1 hour'
    ) < {{ most }}
returning title, body;
