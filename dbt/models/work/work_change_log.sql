-- One row per change record of the load days that are built; the dimensions are computed from it.
-- Not from raw: a day may be published again while a build runs, and the next build must know what this one took
-- from the day. Without personal data.
-- depends_on: {{ ref('work_build') }}, {{ ref('work_changed') }}
{{ config(
    materialized='incremental',
    incremental_strategy='affected',
    indexes=[{'columns': ['thing_id', 'thing', 'changed_at']}, {'columns': ['load_date']}],
    meta={'deletes': ["delete from {{ this }} where load_date = any({{ load_days() }})"]},
    post_hook="{{ analyze_if_large() }}",
) }}
{{ change_records() }}
