select
    days_since_first_active::float8 as "days since the first",
    adopters::float8 / people as "have used it",
    people
from reporting.feature_adoption_curve
where feature = '$feature'
order by days_since_first_active
