"""
# The synthetic company in time-lapse

This DAG exists only while `TIMELAPSE_FACTOR` is set. At 52.14 a day of the company passes every 27.6 minutes, which is
365 days in 7. Each run takes the first day that is not in the marts, and runs it through `engagement_daily`, which has
no schedule of its own meanwhile. The warehouse alone says which day is next, so a stop, a kill or a reboot changes
nothing. Days run one by one; when a day takes longer than the time between two days, the next follows at once. When
yesterday is in the marts, each day runs when it is over, as without a time-lapse.

What each task does, and what to do when it fails:

- **`next_day`** finds the day; it waits, without a worker, while all days that are over are in the marts.
  *Failed*: the database, or the company is not set up; the log says which.
- **`run_day`** triggers `engagement_daily` for that day, and waits for it, without a worker. *Failed*: that run did;
  see there. The next run tries the same day again; after three failures in a row Airflow pauses this DAG. Mend the
  cause, then unpause it.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG

from dags import pace
from orchestration.alerting import task_failed, task_succeeded

DAY = "{{ ti.xcom_pull(task_ids='next_day') }}"

if tick := pace.tick():
    with DAG(
        dag_id="timelapse",
        description="The synthetic company in time-lapse: the next day, again and again",
        doc_md=__doc__,
        schedule=tick,
        start_date=datetime(2010, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        max_consecutive_failed_dag_runs=3,
        default_args={
            "owner": "data-engineering",
            "retries": 1,
            "retry_delay": timedelta(seconds=5),
            "on_failure_callback": task_failed,
            "on_success_callback": task_succeeded,
        },
        tags=["engagement", "time-lapse"],
    ):
        run_day = TriggerDagRunOperator(
            task_id="run_day",
            trigger_dag_id="engagement_daily",
            trigger_run_id=f"manual__timelapse_{DAY}",
            conf={"start": DAY, "end": DAY},
            logical_date=None,
            fail_when_dag_is_paused=True,
            reset_dag_run=True,  # a day that runs again takes the place of its former run
            wait_for_completion=True,
            deferrable=True,
            poke_interval=2,
            retries=0,  # the next run is the next attempt
            on_failure_callback=None,  # the run that it waits for has told people
        )
        pace.next_day() >> run_day
