-- Held-back lines, and the fields that were seen, are kept for the published attempt of a day and for the newest.
delete from ops.quarantine
where
    load_date = {{ load_date }}
    and load_id not in (
        select published.load_id
        from ops.load as published
        where
            published.load_date = {{ load_date }}
            and published.status = 'published'
    );

delete from ops.field_day
where
    load_date = {{ load_date }}
    and load_id not in (
        select published.load_id
        from ops.load as published
        where
            published.load_date = {{ load_date }}
            and published.status = 'published'
    )
