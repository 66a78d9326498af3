delete from ops.table_size
where
    build_id in (
        select build.build_id
        from ops.build
        where build.finished_at < now() - make_interval(days => {{ days }})
    )
