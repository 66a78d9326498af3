-- Files of these loads, of {{ lines }} lines or more beside the skipped, of whose lines more than a share were held back; and their most
-- frequent errors. The share is the source's own, or {{ share }}.
with allowed as (
    select *
    from unnest(array[{{ sources }}]::text[], array[{{ shares }}]::numeric[]) as contracts (source, share)
),

held_back as (
    select
        file_load.load_id,
        file_load.load_date,
        file_load.path,
        file_load.lines_read,
        file_load.quarantined
    from ops.file_load
    left join allowed on file_load.source = allowed.source
    where
        file_load.load_id in ({{ load_ids }})
        and file_load.lines_read - file_load.skipped >= {{ lines }}
        and file_load.quarantined > coalesce(allowed.share, {{ share }}) * (file_load.lines_read - file_load.skipped)
),

errors as (
    select
        quarantine.load_id,
        quarantine.path,
        quarantine.error_code,
        count(*) as times,
        min(quarantine.line_no) as first_line_no,
        row_number() over (
            partition by quarantine.load_id, quarantine.path order by count(*) desc, quarantine.error_code
        ) as place
    from ops.quarantine
    inner join held_back
        on
            quarantine.load_id = held_back.load_id
            and quarantine.path = held_back.path
    group by quarantine.load_id, quarantine.path, quarantine.error_code
)

select
    held_back.load_date,
    held_back.path,
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
            and errors.place <= 3
    ) as errors
from held_back
order by held_back.load_date, held_back.path
