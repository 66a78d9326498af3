update ops.load
set status = 'superseded'
where
    load_date = any({{ load_dates }}::date[])
    and status = 'published';

update ops.load
set
    status = 'published',
    published_at = clock_timestamp()
where load_id = any({{ load_ids }});

delete from ops.quarantine
where
    load_date = any({{ load_dates }}::date[])
    and load_id <> all({{ load_ids }});

delete from ops.field_day
where
    load_date = any({{ load_dates }}::date[])
    and load_id <> all({{ load_ids }});

insert into ops.load_day (load_date, load_id, version, published_at)
select
    load.load_date,
    load.load_id,
    1 as version,
    clock_timestamp() as published_at
from ops.load
where load.load_id = any({{ load_ids }})
order by load.load_date
on conflict (load_date) do update
    set
        load_id = excluded.load_id,
        version = load_day.version + 1,
        published_at = excluded.published_at;
