select distinct source
from ops.source_freshness
