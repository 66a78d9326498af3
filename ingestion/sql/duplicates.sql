-- Removes all but the first arrival of each key within the load day, and counts what went, by file.
-- The first pass groups hashes, which are small; only the few keys whose hashes repeat are compared themselves.
with suspects as (
    select hash_record_extended(row({{ key }}), 0) as key_hash
    from raw.{{ staging }}
    where {{ is_of_the_day }}
    group by hash_record_extended(row({{ key }}), 0)
    having count(*) > 1
),

arrivals as (
    select
        ctid as row_address,
        row_number() over (partition by source, {{ key }} order by file_no, line_no) as arrival_no
    from raw.{{ staging }}
    where
        {{ is_of_the_day }}
        and hash_record_extended(row({{ key }}), 0) in (select suspects.key_hash from suspects)
),

removed as (
    delete from raw.{{ staging }} as staged
    using arrivals
    where
        {{ is_of_the_day }}
        and staged.ctid = arrivals.row_address
        and arrivals.arrival_no > 1
    returning staged.file_no
)

select
    file_no,
    count(*) as duplicates
from removed
group by file_no
