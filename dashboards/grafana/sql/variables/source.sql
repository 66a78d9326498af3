select distinct source
from reporting.acquisition
where slice = 'campaign'
