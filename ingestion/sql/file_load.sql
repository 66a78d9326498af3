insert into ops.file_load (
    load_id, load_date, source, path, file_no, target, sha256, bytes, lines_read, loaded, duplicates, quarantined,
    skipped, kind, extract_of, extracted_at
)
values (
    {{ load_id }}, {{ load_date }}, {{ source }}, {{ name }}, {{ file_no }}, {{ target }}, {{ sha256 }},
    {{ bytes_read }}, {{ lines_read }}, {{ loaded }}, {{ duplicates }}, {{ quarantined }},
    {{ skipped }}, {{ kind }}, {{ extract_of }}, {{ extracted_at }}
)
