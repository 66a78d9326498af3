-- One row per person, kind (topic, format, time of day) and thing of that kind that the person cared for lately.
--
-- Lately: in the 28 days that end with the person's last active date. So a row depends on the person's own days only: no
-- day that passes without the person must change it.
{{ config(
    indexes=[{'columns': ['person_id', 'kind', 'thing'], 'unique': true}],
    meta={'scope': {'by': 'person_id'}},
) }}
{% set hour = "extract(hour from sessions.started_at at time zone '" ~ reporting_timezone() ~ "')" -%}
with people as (
    select
        person_id,
        last_active_date
    from {{ ref('fact_active_spans') }}
    where {{ in_scope('person_id') }}
),

content as (
    select
        people.person_id,
        daily.topic,
        daily.content_format,
        sum(daily.starts) as uses
    from people
    inner join {{ ref('fact_content_people_daily') }} as daily
        on
            people.person_id = daily.person_id
            and daily.event_date > people.last_active_date - {{ var('interest_days') }}
            and people.last_active_date >= daily.event_date
    where daily.starts > 0
    group by people.person_id, daily.topic, daily.content_format
),

counted as (
    select
        content.person_id,
        kinds.kind,
        kinds.thing,
        sum(content.uses) as uses
    from content
    cross join lateral (values ('topic', content.topic), ('format', content.content_format)) as kinds (kind, thing)
    where kinds.thing is not null
    group by content.person_id, kinds.kind, kinds.thing
    union all
    select
        person_id,
        'time_of_day' as kind,
        time_of_day as thing,
        count(*) as uses
    from (
        select
            people.person_id,
            -- An array: a `case` would work out the hour three times.
            (array['night', 'morning', 'afternoon', 'evening'])[{{ hour }}::integer / 6 + 1] as time_of_day
        from people
        inner join {{ ref('fact_sessions') }} as sessions
            on
                people.person_id = sessions.person_id
                and sessions.session_date > people.last_active_date - {{ var('interest_days') }}
                and people.last_active_date >= sessions.session_date
        where not sessions.is_bot
    ) as visits
    group by person_id, time_of_day
)

select
    counted.person_id,
    counted.kind,
    counted.thing,
    counted.uses::integer as uses,
    round(counted.uses / sum(counted.uses) over (partition by counted.person_id, counted.kind), 4) as share,
    (row_number() over (partition by counted.person_id, counted.kind order by counted.uses desc, counted.thing))::integer
        as interest_rank,
    people.last_active_date
from counted
inner join people on counted.person_id = people.person_id
