-- Earlier attempts of the day that never got published. One that is still staging was killed: we hold the day's lock.
update ops.load
set status = case status when 'staging' then 'failed' else 'superseded' end
where
    load_date = {{ load_date }}
    and status in ('staging', 'staged')
