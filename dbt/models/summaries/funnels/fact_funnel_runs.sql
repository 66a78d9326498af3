-- One row per funnel, breakdown, its value, person and date on which the person entered: the best run of that date.
{{ funnels([
    {
        'name': 'shop',
        'steps': ['product_view', 'cart_add', 'checkout_start', 'purchase'],
        'window': '7 days',
        'breakdown': ['platform', 'country'],
    },
    {
        'name': 'onboarding',
        'steps': ['sign_up', 'onboarding_complete', 'content_start', 'content_complete'],
        'window': '14 days',
        'breakdown': ['platform', 'country', 'acquisition_channel'],
    },
    {
        'name': 'trial',
        'steps': ['trial_start', 'subscription_start'],
        'window': '21 days',
        'breakdown': ['platform', 'country', 'acquisition_channel'],
    },
], contract=true) }}
