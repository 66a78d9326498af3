-- This commit does not wait for the disk. If the server crashes, the row may be missing; nothing is staged yet, so
-- nothing is lost with it.
set local synchronous_commit to off;

insert into ops.load (load_date, run_id, status, landing, contracts_sha256, empty_sources, due_sources)
values (
    {{ load_date }},
    {{ run_id }},
    'staging',
    {{ landing }},
    {{ contracts_sha256 }},
    {{ empty_sources }},
    {{ due_sources }}
)
returning load_id
