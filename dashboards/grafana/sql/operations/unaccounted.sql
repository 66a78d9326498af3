select
    sum(abs(unaccounted_lines)) as "read, and in no account",
    sum(lines_read) as "read"
from ops.line_account
where $__timeFilter(load_date)
having count(*) > 0
