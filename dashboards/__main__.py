"""`python -m dashboards`: write the definitions of docs/metrics.md and Looker Studio's field map from dbt's YAML."""

from dashboards.definitions import FIELDS, METRICS, fields, metrics

METRICS.write_text(metrics(METRICS.read_text()))
FIELDS.write_text(fields())
