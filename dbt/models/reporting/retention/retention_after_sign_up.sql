-- One row per period (day, week, month), breakdown, cohort of sign-up and number of periods since.
{{ retention(
    days=ref('fact_sign_up_days'),
    kind='first_time',
    breakdowns=['channel', 'country', 'plan', 'platform'],
    horizon={'day': 90, 'week': 26, 'month': 24},
) }}
