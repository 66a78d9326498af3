-- One row per load day that brought events which another load day had brought before: how many of them.
-- Repeats within a load day are counted by the loader (ops.file_load.duplicates).
with ranked as (
    select
        load_date,
        row_number() over (
            partition by source, event_id
            order by load_date, file_no, line_no
        ) as arrival_no
    from {{ ref('event_repeats') }}
)

select
    load_date,
    count(*)::bigint as repeated_events
from ranked
where arrival_no > 1
group by load_date
