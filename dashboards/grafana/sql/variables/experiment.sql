select distinct experiment
from reporting.experiments
where
    exposures = 'all'
    and difference = 'relative'
    and not is_adjusted
