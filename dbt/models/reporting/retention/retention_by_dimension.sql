-- One row per period (day, week, month), breakdown, cohort of first activity and number of periods since.
{{ retention(
    days=days_of_activity(),
    firsts=first_days_of_activity(),
    kind='first_time',
    breakdowns=['channel', 'country', 'plan', 'platform'],
    horizon={'day': 90, 'week': 26, 'month': 24},
) }}
