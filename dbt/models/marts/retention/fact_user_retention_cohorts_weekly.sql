-- One row per week of first activity and week of later activity: how many people of that cohort were active then.
{{ config(
    indexes=[{'columns': ['active_start', 'cohort_start'], 'unique': true}, {'columns': ['cohort_start']}],
    meta={'scope': {'by': 'event_week', 'column': 'active_start'}},
) }}
{{ cohort_activity('week') }}
