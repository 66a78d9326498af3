"""
# What people are told

Every 15 minutes: which days are not in the marts although their hour (`DAY_DUE_AT`) has passed, which failures are
overcome, and which message could not be sent and is sent now. Failed tasks report themselves, in whatever DAG. Messages
go to `ALERT_URL`; what was said is in `ops.alert`, and what is open in `ops.open_alert`.

- **`watch`** looks, and sends. *Failed*: the warehouse does not answer, or a setting is wrong; the log says which.
  Mend it; the next run looks again.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from dags import steps
from orchestration.alerting import task_failed, task_succeeded

with DAG(
    dag_id="watch",
    description="Days that are overdue, failures that are overcome",
    doc_md=__doc__,
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={
        "owner": "data-engineering",
        "retries": 1,
        "retry_delay": timedelta(seconds=30),
        "on_failure_callback": task_failed,
        "on_success_callback": task_succeeded,
    },
    tags=["engagement", "operations"],
):
    steps.watch()
