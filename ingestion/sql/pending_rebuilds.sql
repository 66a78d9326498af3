-- What the next build computes anew, and why.
select
    model,
    reason
from ops.pending_rebuild
order by model
