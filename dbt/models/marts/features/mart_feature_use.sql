-- One row per period, its first date, and feature, or number of features: who used it, and how often.
{{ feature_use(ref('fact_feature_days'), contract=true) }}
