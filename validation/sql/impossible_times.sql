-- Rows whose time is before {{ earliest }}, or after the end of the day that follows their load day.
select
    staged_for,
    file_no,
    line_no,
    {{ key }}
from {{ batch }} as batch
where
    {{ key }} < timestamptz '{{ earliest }} 00:00:00+00'
    or {{ key }} >= (staged_for + 2)::timestamp at time zone 'UTC'
