-- Files of these loads, of {{ lines }} lines or more beside the skipped, of whose lines more than a share were held
-- back; and their most frequent errors. The share is the source's own, or {{ share }}.
with allowed as (
    select *
    from unnest(array[{{ sources }}]::text[], array[{{ shares }}]::numeric[]) as contracts (source, share)
),

counted as (
    select
        load_id,
        load_date,
        source,
        path,
        '' as derived_kind,
        lines_read,
        quarantined,
        skipped
    from ops.file_load
    where load_id in ({{ load_ids }})
    union all
    select
        load_id,
        load_date,
        source,
        path,
        kind as derived_kind,
        lines_read,
        quarantined,
        skipped
    from ops.derived_load
    where load_id in ({{ load_ids }})
),

held_back as (
    select
        counted.load_id,
        counted.load_date,
        counted.path,
        counted.derived_kind,
        counted.lines_read,
        counted.quarantined
    from counted
    left join allowed on counted.source = allowed.source
    where
        counted.lines_read - counted.skipped >= {{ lines }}
        and counted.quarantined > coalesce(allowed.share, {{ share }}) * (counted.lines_read - counted.skipped)
),

errors as (
    select
        quarantine.load_id,
        quarantine.path,
        quarantine.derived_kind,
        quarantine.error_code,
        count(*) as times,
        min(quarantine.line_no) as first_line_no,
        row_number() over (
            partition by quarantine.load_id, quarantine.path, quarantine.derived_kind
            order by count(*) desc, quarantine.error_code
        ) as place
    from ops.quarantine
    inner join held_back
        on
            quarantine.load_id = held_back.load_id
            and quarantine.path = held_back.path
            and quarantine.derived_kind = held_back.derived_kind
    group by quarantine.load_id, quarantine.path, quarantine.derived_kind, quarantine.error_code
)

select
    held_back.load_date,
    held_back.path || case when held_back.derived_kind = '' then '' else ' as ' || held_back.derived_kind end as path,
    held_back.lines_read,
    held_back.quarantined,
    (
        select
            string_agg(
                format('%s %s times, first in line %s', errors.error_code, errors.times, errors.first_line_no), '; '
                order by errors.place
            )
        from errors
        where
            errors.load_id = held_back.load_id
            and errors.path = held_back.path
            and errors.derived_kind = held_back.derived_kind
            and errors.place <= 3
    ) as errors
from held_back
order by held_back.load_date, held_back.path, held_back.derived_kind
