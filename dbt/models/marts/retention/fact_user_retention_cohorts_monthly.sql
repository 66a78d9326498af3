-- One row per month of first activity and month of later activity: how many people of that cohort were active then.
{{ config(
    indexes=[{'columns': ['active_start', 'cohort_start'], 'unique': true}, {'columns': ['cohort_start']}],
    meta={'scope': {'by': 'event_month', 'column': 'active_start'}},
) }}
{{ cohort_activity('month') }}
