-- Fields that are new, gone or of another type, in the files of these loads.
select
    load_date,
    source,
    kind,
    field,
    drift,
    detail
from ops.field_drift
where load_id in ({{ load_ids }})
order by load_date, source, kind, field
