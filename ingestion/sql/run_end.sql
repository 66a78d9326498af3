update ops.run
set
    status = {{ status }},
    finished_at = {{ finished_at }}
where run_id = {{ run_id }}
