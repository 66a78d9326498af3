-- The files of these loads, and what became of their lines.
select
    load_id,
    path,
    target,
    bytes,
    lines_read,
    loaded,
    duplicates,
    quarantined,
    skipped
from ops.file_load
where load_id = any({{ load_ids }})
order by load_id, path
