select distinct channel
from reporting.acquisition
where slice = 'channel'
