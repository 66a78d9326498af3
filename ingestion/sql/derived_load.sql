insert into ops.derived_load (
    load_id, load_date, source, path, kind, target, lines_read, loaded, duplicates, unchanged, quarantined, skipped
)
values (
    {{ load_id }}, {{ load_date }}, {{ source }}, {{ path }}, {{ kind }}, {{ target }},
    {{ lines_read }}, {{ loaded }}, {{ duplicates }}, {{ unchanged }}, {{ quarantined }}, {{ skipped }}
)
