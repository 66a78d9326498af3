-- One row per person, experiment and metric: what the person did in the time after first seeing a variant, and before.
{{ config(
    indexes=[
        {'columns': ['person_id', 'exposure_date', 'experiment', 'metric'], 'unique': true},
        {'columns': ['exposure_date']},
    ],
    meta={'scope': {'by': 'person_date', 'column': 'exposure_date', 'before': 29, 'after': 15}},
) }}
{{ experiment(
    'paywall_copy',
    control='A',
    weights={'A': 1, 'B': 1},
    window='28 days',
    metrics=[
        {'name': 'trial', 'kind': 'conversion', 'event': 'trial_start'},
        {'name': 'subscription', 'kind': 'conversion', 'event': 'subscription_start', 'alternative': 'greater'},
        {'name': 'subscriptions_per_trial', 'kind': 'ratio',
         'numerator': {'event': 'subscription_start'}, 'denominator': {'event': 'trial_start'}},
    ],
) }}
union all
{{ experiment(
    'new_player',
    control='A',
    weights={'A': 1, 'B': 1},
    window='14 days',
    before='14 days',
    metrics=[
        {'name': 'seconds', 'kind': 'mean', 'event': ['content_progress', 'content_complete'], 'value': 'duration_seconds'},
        {'name': 'completions_per_start', 'kind': 'ratio',
         'numerator': {'event': 'content_complete'}, 'denominator': {'event': 'content_start'}},
        {'name': 'completed', 'kind': 'conversion', 'event': 'content_complete'},
    ],
) }}
