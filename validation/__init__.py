"""Great Expectations suites as Python functions, the severity gate, and the results in `ops`. Runs without Airflow."""
