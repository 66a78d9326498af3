-- One row per date, from the first to the last with an event: new, returning, resurrected and dormant people.
{{ config(
    indexes=[{'columns': ['period_start'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'period_start', 'after': 1}},
) }}
{{ lifecycle('day') }}
