insert into ops.load (load_date, run_id, status, landing, contracts_sha256, empty_sources)
values (%(load_date)s, %(run_id)s, 'staging', %(landing)s, %(contracts_sha256)s, %(empty_sources)s)
returning load_id
