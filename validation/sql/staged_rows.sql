-- How many rows are staged for each day.
select
    staged_for,
    count(*) as staged
from {{ batch }} as batch
group by staged_for
