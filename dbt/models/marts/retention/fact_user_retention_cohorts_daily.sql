-- One row per date of first activity and date of later activity: how many people of that cohort were active then.
{{ config(
    indexes=[{'columns': ['active_start', 'cohort_start'], 'unique': true}, {'columns': ['cohort_start']}],
    meta={'scope': {'by': 'event_date', 'column': 'active_start'}},
) }}
{{ cohort_activity('day') }}
