select distinct feature
from reporting.features
where period = 'month'
