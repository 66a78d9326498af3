select count(*) as open_failures
from ops.open_failure
