-- One row per exchange rate that landed on a load day that is built.
-- Kept for the same reason as change_records: a day may be published again while a build runs.
-- depends_on: {{ ref('work_build') }}
{{ config(
    indexes=[{'columns': ['load_date', 'file_no', 'line_no'], 'unique': true}],
    meta={'scope': {'by': 'load_date'}},
) }}
select *
from {{ ref('stg_rate_changes') }}
where load_date = any({{ load_days() }})
