insert into ops.file_load (
    load_id, load_date, source, path, file_no, target, sha256, bytes, lines_read, loaded, duplicates, quarantined
)
values (
    %(load_id)s, %(load_date)s, %(source)s, %(name)s, %(file_no)s, %(target)s, %(sha256)s, %(bytes_read)s,
    %(lines_read)s, %(loaded)s, %(duplicates)s, %(quarantined)s
)
