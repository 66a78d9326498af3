select days_behind
from ops.newest_day
