"""Who builds next, when many runs wait for a build: what Airflow needs beyond the wiring in `dags/`."""
