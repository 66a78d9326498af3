-- One row per week, from the first to the last with an event: new, returning, resurrected and dormant people.
{{ config(
    indexes=[{'columns': ['period_start'], 'unique': true}],
    meta={'scope': {'by': 'event_week', 'column': 'period_start', 'after': 1}},
) }}
{{ lifecycle('week') }}
