-- The columns that queries join and filter by; all of them would take twice as long.
analyze raw.{{ staging }} (source, event_id, actor_id, user_id, content_id, product_id, event_type, event_ts)
