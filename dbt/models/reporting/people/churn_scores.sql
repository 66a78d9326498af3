-- One row per week and band of ten hundredths of the churn score: how many people are in it, and how many of them left.
{{ churn_bands(ref('mart_churn')) }}
