select distinct experiment
from reporting.experiments
