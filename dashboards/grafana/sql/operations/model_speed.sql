select
    name,
    runs,
    median_seconds as median,
    median_seconds_before as "the week before",
    times_as_long as "times as long",
    slowest_seconds as slowest
from ops.model_speed
order by median_seconds desc, name
limit 50
