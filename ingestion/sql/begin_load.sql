-- A new attempt. An earlier one that is still staging was killed, since this one holds the day's lock.
with killed as (
    update ops.load
    set status = case status when 'staging' then 'failed' else 'superseded' end
    where load_date = %(load_date)s
        and status in ('staging', 'staged')
)

insert into ops.load (load_date, run_id, status, landing, contracts_sha256, empty_sources)
values (%(load_date)s, %(run_id)s, 'staging', %(landing)s, %(contracts_sha256)s, %(empty_sources)s)
returning load_id
