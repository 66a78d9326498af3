-- That an attempt began need not outlive a crash of the server: nothing is staged yet, nor lost.
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
