copy ops.quarantine (load_id, load_date, source, path, line_no, stage, error_code, error_detail, derived_kind, raw)
from stdin
