-- One row per person and experiment: the first variant that the person saw, and how many variants it saw at all.
{{ config(
    indexes=[{'columns': ['person_id', 'experiment'], 'unique': true}],
    meta={'scope': {'by': 'person_id'}, 'keys': {'event_date': 'exposure_date'}},
) }}
select
    person_id,
    experiment,
    (array_agg(variant order by exposed_at, variant))[1] as variant,
    (array_agg(event_date order by exposed_at, variant))[1] as exposure_date,
    min(exposed_at) as exposed_at,
    count(distinct variant)::integer as variants
from {{ ref('fact_exposures') }}
where {{ in_scope('person_id') }}
group by person_id, experiment
