select
    model,
    reason,
    built_at as "built last"
from ops.pending_rebuild
order by model
