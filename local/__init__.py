"""The stack without Docker: embedded PostgreSQL and Airflow, started, stopped and inspected."""
