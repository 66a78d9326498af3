select distinct value
from reporting.engagement_by_slice
where
    dimension = 'country'
    and dimension_2 is null
