select count(*) as days_published
from ops.day_status
