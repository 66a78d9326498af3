select count(*) as days_waiting
from ops.day_status
where not is_built
