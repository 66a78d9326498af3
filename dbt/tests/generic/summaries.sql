{#- A week's arrays have seven places and sum up to the week. -#}
{% test weekly_arrays_add_up(model) %}
{%- set seen = in_build('model') %}
select model.*
from {{ model }} as model {{ seen.join }}
where
    (
        cardinality(events_by_day) <> 7
        or cardinality(sessions_by_day) <> 7
        {%- for measure in ['events', 'sessions'] %}
        or (
            {%- for weekday in range(1, 8) -%}
            {{ ' + ' if not loop.first }}{{ measure }}_by_day[{{ weekday }}]
            {%- endfor -%}
        ) is distinct from {{ measure }}
        {%- endfor %}
        or cardinality(array_remove(events_by_day, 0)) <> active_days
    )
    and {{ seen.condition }}
{% endtest %}

{#- A date's people are as many as the counts by days to the next active date say. -#}
{% test people_match_counts(model) %}
{%- set seen = in_build('mart') %}
select
    mart.activity_date,
    mart.dau,
    counts.active_people,
    mart.daily_active_learners,
    counts.learners
from {{ model }} as mart {{ seen.join }}
left join lateral (
    select
        sum(people) filter (where stream = 'all') as active_people,
        sum(people) filter (where stream = 'learner') as learners
    from {{ built('fact_active_day_counts') }} as model
    where model.active_date = mart.activity_date
) as counts on true
where
    {{ seen.condition }}
    and (
        mart.dau <> coalesce(counts.active_people, 0)
        or mart.daily_active_learners <> coalesce(counts.learners, 0)
    )
{% endtest %}
