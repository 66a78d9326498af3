-- Close an alert, and what to say of that. Nothing for the one who comes second.
update ops.alert
set recovered_at = clock_timestamp()
where
    alert_id = {{ alert_id }}
    and recovered_at is null
returning
    title,
    format(
        E'What: it is over since %%s UTC. It began at %%s UTC and was seen %%s%%s.\nWhat to do: nothing.',
        to_char(recovered_at, 'YYYY-MM-DD HH24:MI:SS'),
        to_char(first_seen, 'YYYY-MM-DD HH24:MI:SS'),
        case when times = 1 then 'once' else times || ' times' end,
        case when cardinality(load_dates) > 0 then '; days: ' || cardinality(load_dates) else '' end
    ),
    said_at is not null;
