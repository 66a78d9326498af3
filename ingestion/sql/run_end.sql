update ops.run
set
    status = %(status)s,
    finished_at = %(finished_at)s
where run_id = %(run_id)s
