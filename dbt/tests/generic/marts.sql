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

{#- What a month begins with is what the one before ended with. -#}
{% test mrr_follows(model) %}
select *
from (
    select
        *,
        lag(mrr) over months as previous_mrr,
        lag(active_subscribers) over months as previous_subscribers
    from {{ model }}
    where slice = 'reporting'
    window months as (order by month_start)
) as months
where mrr_before <> previous_mrr or subscribers_before <> previous_subscribers
{% endtest %}
