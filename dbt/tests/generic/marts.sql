{#- active = new + returning + resurrected, and its change since the period before = new + resurrected - dormant. -#}
{% test lifecycle_adds_up(model) %}
with periods as (
    select
        *,
        coalesce(lag(active_people) over (order by period_start), 0) as active_before
    from {{ model }}
)

select *
from periods
where
    active_people <> new_people + returning_people + resurrected_people
    or active_people - active_before <> new_people + resurrected_people - dormant_people
{% endtest %}
