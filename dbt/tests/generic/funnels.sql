{#- No step has more people than the one before it, and who is lost is the difference; the first step has some. -#}
{% test funnel_steps_go_down(model) %}
{%- set seen = in_build('model') %}
select *
from (
    select
        model.*,
        lag(model.people) over (
            partition by model.funnel, model.breakdown, model.breakdown_value, model.period, model.period_start
            order by model.step
        ) as people_before
    from {{ model }} as model {{ seen.join }}
    where {{ seen.condition }}
) as steps
where (step = 1 and people < 1) or people > people_before or people_lost is distinct from people_before - people
{% endtest %}
