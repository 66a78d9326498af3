update ops.alert set said_at = clock_timestamp()
where alert_id = {{ alert_id }} returning alert_id;
