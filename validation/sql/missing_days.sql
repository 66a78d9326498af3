-- Days between the first and the last of the marts that have no row.
with bounds as (
    select
        min(activity_date) as first_date,
        max(activity_date) as last_date
    from {{ batch }} as batch
)

select (bounds.first_date + days.number)::date as activity_date
from bounds
cross join lateral generate_series(0, bounds.last_date - bounds.first_date) as days (number)
where not exists (
    select mart.activity_date
    from {{ batch }} as mart
    where mart.activity_date = bounds.first_date + days.number
)
