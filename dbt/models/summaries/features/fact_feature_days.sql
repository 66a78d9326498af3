-- One row per person, feature and date on which the person used it.
--
-- A line of this list defines a feature; the next build computes it for all of the past (dbt/README.md).
{{ features([
    {'name': 'search', 'event': 'search'},
    {'name': 'content', 'event': 'content_start'},
    {'name': 'community', 'event': ['post_create', 'comment_create', 'like']},
    {'name': 'shop', 'event': ['product_view', 'cart_add']},
    {'name': 'purchase', 'event': ['purchase', 'subscription_start']},
    {'name': 'mobile app', 'where': "platform in ('ios', 'android')"},
], contract=true) }}
