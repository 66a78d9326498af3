update ops.load
set status = 'failed'
where load_id = {{ load_id }}
