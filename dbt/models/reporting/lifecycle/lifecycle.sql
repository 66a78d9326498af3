-- One row per period (day, week, month) and its first date: the people who came, stayed, came back and left.
{% for period, mart in [
    ('day', 'mart_lifecycle_daily'), ('week', 'mart_lifecycle_weekly'), ('month', 'mart_lifecycle_monthly')
] -%}
select
    '{{ period }}' as period,
    period_start,
    is_complete,
    active_people,
    new_people,
    returning_people,
    resurrected_people,
    dormant_people
from {{ ref(mart) }}
{{ 'union all' if not loop.last }}
{% endfor %}
