update ops.load_day
set
    built_version = claimed_version,
    built_at = clock_timestamp(),
    claimed_by = null,
    claimed_version = null
where claimed_by = {{ build }};

update ops.build
set
    status = 'succeeded',
    finished_at = clock_timestamp()
where build_id = {{ build }};
