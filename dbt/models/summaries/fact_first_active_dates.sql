-- One row per person who was ever active: the first date of it.
--
-- Only the beginning of a person's history is looked up, by the index of `fact_user_daily`: a long one costs no more.
{{ config(
    indexes=[{'columns': ['person_id'], 'unique': true}],
    meta={'scope': {'by': 'person_id'}},
) }}
{% if is_full() -%}
select
    person_id,
    min(event_date) as first_active_date
from {{ ref('fact_user_daily') }}
where is_active
group by person_id
{%- else -%}
select
    changed.person_id,
    firsts.event_date as first_active_date
from {{ scope_table() }} as changed
cross join lateral (
    select event_date
    from {{ ref('fact_user_daily') }}
    where person_id = changed.person_id and is_active
    order by event_date
    limit 1
) as firsts
{%- endif %}
