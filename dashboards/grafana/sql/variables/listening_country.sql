select distinct country
from reporting.listen_through
