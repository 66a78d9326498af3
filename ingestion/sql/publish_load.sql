update ops.load
set status = 'superseded'
where
    load_date = {{ load_date }}
    and status = 'published';

update ops.load
set
    status = 'published',
    published_at = clock_timestamp()
where load_id = {{ load_id }};

delete from ops.quarantine
where
    load_date = {{ load_date }}
    and load_id <> {{ load_id }};

insert into ops.load_day (load_date, load_id, version, published_at)
values ({{ load_date }}, {{ load_id }}, 1, clock_timestamp())
on conflict (load_date) do update
    set
        load_id = excluded.load_id,
        version = load_day.version + 1,
        published_at = excluded.published_at;
