select load_id
from ops.load
where
    load_date = {{ load_date }}
    and status = 'staged'
