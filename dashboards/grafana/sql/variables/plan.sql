select distinct value
from reporting.engagement_by_slice
where
    dimension = 'plan'
    and dimension_2 is null
