-- The published load of a day, once for each of its files (once, without a file, for an empty day).
select
    published.load_id,
    published.contracts_sha256,
    published.empty_sources,
    file_load.path as name,
    file_load.file_no,
    file_load.source,
    file_load.target,
    file_load.sha256,
    file_load.bytes as bytes_read,
    file_load.lines_read,
    file_load.loaded,
    file_load.duplicates,
    file_load.quarantined,
    file_load.skipped,
    file_load.kind,
    file_load.extract_of,
    file_load.extracted_at
from ops.load as published
left join ops.file_load as file_load
    on published.load_id = file_load.load_id
where
    published.load_date = {{ load_date }}
    and published.status = 'published'
order by file_load.file_no
