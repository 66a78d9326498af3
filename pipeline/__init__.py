"""What needs both `ingestion` and `validation`: days are loaded, audited and published. Runs without Airflow."""
