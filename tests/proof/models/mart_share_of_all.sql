-- One row per platform: small, so computed whole each time.
{{ config(
    indexes=[{'columns': ['platform'], 'unique': true}],
    meta={'scope': {'by': 'all'}},
) }}
select coalesce(platform, '') as platform, count(*) as sessions
from {{ ref('fact_sessions') }}
group by 1
