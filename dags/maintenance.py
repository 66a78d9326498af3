"""
# What is forgotten

Every Sunday. Raw tables are never touched: every table can be computed anew from them, and only from them.

- **`clean_warehouse`** deletes the history of builds, table sizes and alerts that are over (`KEEP_HISTORY_DAYS`), and
  held-back lines (`KEEP_QUARANTINE_DAYS`, never by default). *Failed*: the database, or a setting that is no number of
  days; the log says which. Mend it, then clear the task.
- **`clean_airflow`** deletes rows of Airflow's own tables (`KEEP_HISTORY_DAYS`) by `airflow db clean`. *Failed*: its
  message is in the log. Nothing else depends on it; clear the task when the cause is mended.
- **`clean_logs`** deletes the logs of tasks (`KEEP_LOGS_DAYS`). *Failed*: a file or folder may not be deleted; the log
  names it. Mend its permissions, then clear the task.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from dags import steps
from orchestration.alerting import task_failed, task_succeeded

with DAG(
    dag_id="maintenance",
    description="Deletes old history, logs and Airflow's own rows; never raw data",
    doc_md=__doc__,
    schedule="0 3 * * 0",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={
        "owner": "data-engineering",
        "retries": 1,
        "retry_delay": timedelta(minutes=5),
        "on_failure_callback": task_failed,
        "on_success_callback": task_succeeded,
    },
    tags=["engagement", "operations"],
):
    steps.clean_warehouse() >> steps.clean_airflow() >> steps.clean_logs()
