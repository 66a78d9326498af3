-- One row per person, entity and date on which the person signed up or was active; `retention_after_sign_up` counts them.
{{ config(
    indexes=[{'columns': ['person_id', 'entity', 'event_date'], 'unique': true}, {'columns': ['event_date']}],
    meta={'scope': {'by': 'person_date'}},
) }}
{{ retention_days(start='sign_up', back='activity', breakdowns=['channel', 'country', 'plan', 'platform']) }}
