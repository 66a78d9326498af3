update ops.load
set
    status = 'staged',
    lines_read = {{ lines_read }},
    loaded = {{ loaded }},
    duplicates = {{ duplicates }},
    quarantined = {{ quarantined }},
    skipped = {{ skipped }},
    bytes_read = {{ bytes_read }},
    staged_at = clock_timestamp()
where load_id = {{ load_id }}
