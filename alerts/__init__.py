"""Messages to the people on call: one for each cause, and one when it is overcome. Runs without Airflow."""
