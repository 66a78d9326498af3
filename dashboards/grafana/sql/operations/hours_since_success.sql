select round(extract(epoch from now() - max(finished_at)) / 3600, 1) as hours
from ops.run_duration
where status = 'succeeded'
