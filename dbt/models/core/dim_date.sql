-- One row per date of the calendar, from the earliest date that any event may have.
-- depends_on: {{ ref('work_build') }}
{{ config(materialized='view') }}
with days as (
    select day::date as date_day
    from generate_series(
        '{{ var("calendar_first") }}'::timestamp, '{{ var("calendar_last") }}'::timestamp, interval '1 day'
    ) as days (day)
)

select
    date_day,
    extract(isodow from date_day)::integer as day_of_week,
    trim(to_char(date_day, 'Day')) as day_name,
    extract(isodow from date_day) >= 6 as is_weekend,
    {{ week_of('date_day') }} as week_start,
    extract(week from date_day)::integer as iso_week,
    extract(isoyear from date_day)::integer as iso_year,
    {{ month_of('date_day') }} as month_start,
    extract(month from date_day)::integer as month_of_year,
    extract(quarter from date_day)::integer as quarter_of_year,
    extract(year from date_day)::integer as calendar_year
from days
