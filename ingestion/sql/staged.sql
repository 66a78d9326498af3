update ops.load
set
    status = 'staged',
    lines_read = %(lines_read)s,
    loaded = %(loaded)s,
    duplicates = %(duplicates)s,
    quarantined = %(quarantined)s,
    bytes_read = %(bytes_read)s,
    staged_at = clock_timestamp()
where load_id = %(load_id)s
