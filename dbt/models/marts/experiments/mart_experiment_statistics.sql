-- One row per date of exposure, experiment, metric and variant: the sums over people that results are computed of.
{{ config(
    indexes=[{'columns': ['exposure_date', 'experiment', 'metric', 'variant'], 'unique': true}],
    meta={'scope': {'by': 'event_date', 'column': 'exposure_date'}},
) }}
{{ experiment_statistics(['fact_experiment_people']) }}
