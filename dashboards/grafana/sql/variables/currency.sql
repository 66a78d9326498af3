select distinct currency
from reporting.mrr
where slice = 'reporting'
