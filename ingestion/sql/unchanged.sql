-- Of the rows that were derived from some files, removes those between two that say the same of the thing.
-- The first and the last of a run stay: another load day may tell what was between, and then the last says what came.
with states as (
    select
        ctid as row_address,
        source,
        file_no,
        line_no,
        {{ thing }},
        {{ moment }},
        (row({{ state }}))::text as state
    from raw.{{ staging }}
    where
        load_date = {{ load_date }}
        and file_no = any({{ file_numbers }})
),

compared as (
    select
        row_address,
        state = lag(state) over by_time and state = lead(state) over by_time as is_between
    from states
    window by_time as (partition by source, {{ thing }} order by {{ moment }}, file_no, line_no)
),

removed as (
    delete from raw.{{ staging }} as staged
    using compared
    where
        staged.load_date = {{ load_date }}
        and staged.ctid = compared.row_address
        and compared.is_between
    returning staged.file_no
)

select
    file_no,
    count(*) as unchanged
from removed
group by file_no
