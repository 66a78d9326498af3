update ops.load
set status = 'rejected'
where
    load_date = {{ load_date }}
    and status = 'staged'
