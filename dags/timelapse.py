"""
# The synthetic company in time-lapse

There only while `TIMELAPSE_FACTOR` is set: at 52.14 a day of the company passes every 27.6 minutes, 365 days in 7. Each
run takes the first day that is not in the marts, and runs it through `engagement_daily`, which has no schedule of its
own meanwhile. So nothing has to be remembered: after a stop, a kill or a reboot it goes on where it was. Days come one
by one; a day that takes longer than the time between two is followed by the next at once. When yesterday is in the
marts, a day comes when it is over, as if there were no time-lapse.

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
        default_args={"owner": "data-engineering", "retries": 1, "retry_delay": timedelta(seconds=5)},
        tags=["engagement", "time-lapse"],
    ):
        run_day = TriggerDagRunOperator(
            task_id="run_day",
            trigger_dag_id="engagement_daily",
            trigger_run_id=f"manual__timelapse_{DAY}",
            conf={"start": DAY, "end": DAY},
            logical_date=None,
            fail_when_dag_is_paused=True,
            reset_dag_run=True,  # a day that comes again is the same run again
            wait_for_completion=True,
            deferrable=True,
            poke_interval=2,
            retries=0,  # the next run is the next attempt
        )
        pace.next_day() >> run_day
