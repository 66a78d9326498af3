-- One row per change record that the dimensions were built from: how `work_changed` of a later build knows what a load day said before.
-- depends_on: {{ ref('work_build') }}, {{ ref('work_changed') }}
{{ config(
    materialized='incremental',
    incremental_strategy='affected',
    indexes=[{'columns': ['thing_id', 'thing', 'changed_at']}, {'columns': ['load_date']}],
    meta={'deletes': ["delete from {{ this }} where load_date = any({{ load_days() }})"]},
    post_hook="{{ analyze_if_full() }}",
) }}
{{ change_records() }}
