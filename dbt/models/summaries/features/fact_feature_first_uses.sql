-- One row per person and feature that the person ever used: the first date of it.
{{ feature_first_uses('fact_feature_days', contract=true) }}
