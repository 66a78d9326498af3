-- One row per date of the calendar, from the earliest date that any event may have.
{{ config(
    indexes=[{'columns': ['date_day'], 'unique': true}],
    meta={'keep': true, 'deletes': []},
) }}
-- depends_on: {{ ref('work_build') }}
with days as (
    select day::date as date_day
    from generate_series(
        '{{ var("calendar_first") }}'::timestamp, '{{ var("calendar_last") }}'::timestamp, interval '1 day'
    ) as days (day)
    {%- if not is_full() %}
    where false -- the calendar does not change
    {%- endif %}
)

select
    date_day,
    extract(isodow from date_day)::integer as day_of_week,
    trim(to_char(date_day, 'Day')) as day_name,
    extract(isodow from date_day) >= 6 as is_weekend,
    date_trunc('week', date_day::timestamp)::date as week_start,
    extract(week from date_day)::integer as iso_week,
    extract(isoyear from date_day)::integer as iso_year,
    date_trunc('month', date_day::timestamp)::date as month_start,
    extract(month from date_day)::integer as month_of_year,
    extract(quarter from date_day)::integer as quarter_of_year,
    extract(year from date_day)::integer as calendar_year
from days
