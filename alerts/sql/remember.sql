insert into ops.alert (cause, title, body, load_dates, first_seen, last_seen)
values ({{ cause }}, {{ title }}, {{ body }}, {{ load_dates }}::date[], {{ now }}, {{ now }})
on conflict (cause) where recovered_at is null
do update
    set
        times = alert.times + 1,
        last_seen = excluded.last_seen,
        load_dates = array(select distinct unnest(alert.load_dates || excluded.load_dates)) -- noqa: RF01
returning alert_id;
