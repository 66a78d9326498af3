select
    newest_day::text as "newest day",
    built_at as since
from ops.newest_day
