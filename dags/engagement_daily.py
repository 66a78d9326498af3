"""
# One load day, from landing files to marts

A run loads the day in which its data interval starts; a trigger with `start` and `end` loads all days of that range in
one run; with `rebuild` it computes everything that dbt builds anew, from all published days (and loads days only where
`start` or `end` names them). **A green run means: its days are in the marts.** Every task can be repeated at any time
and in any order: the warehouse comes out the same. To repair a day, mend the cause and run that day again (clear its
run, trigger it with `start` = `end` = the day, or backfill it).

What each task does, and what to do when it fails:

- **`generate`** lets the synthetic company land its files; nothing when `GENERATE=false`. *Failed*: the `start`,
  `end` of the trigger or a `GENERATOR_*` setting is wrong, or the landing area cannot be written; the log says which.
- **`load`**: landing files to staging tables, bad lines to `ops.quarantine`. *Failed*: the log names file and remedy
  for each day that cannot be loaded (a folder that a source owes and did not land, a file that no contract matches).
  Let it land, or mend the contract (`begins`, `ends`), then clear the task.
- **`validate`**: Great Expectations on the staging tables; runs that audit at the same time do it together. *Failed*: a
  critical expectation, such as a file most of whose lines were held back; the load is rejected, its day stays as it was
  published before, and the run publishes no other. The log and `ops.validation_result` say why. Mend file or contract,
  then clear from `load` on.
- **`publish`** swaps the staging tables into `raw`. *Failed*: the database; clear the task.
- **`claim`** takes every published day that is not in the marts, or waits while another run builds; the log names
  that run. *Failed*: the database; clear the task.
- **`built_by_another_run`**: this run's days are built. *Failed*: it does nothing that could fail; clear the task.
- **`models`**: dbt, one task per topic (a folder of the marts, with the summaries behind it), each table followed by
  its tests, when one day was claimed. *Failed*: the log names table and test. What is not made of it was built. Mend
  the model (`make up` takes it up) or the data, then clear `claim` and all that follows.
- **`build_backlog`**: all tables in one pass, when several days were claimed or a definition changed, in which case
  the views are made, too. `claim` logs what is computed anew. *Failed*: mend the model or the data, which the log
  names, then clear `claim` and the rest.
- **`audit_marts`**: Great Expectations on what analysts read. *Failed*: the marts are wrong although every model
  passed; `ops.validation_result` says where. Mend it, then clear from `claim` on.
- **`finish`** marks the claimed days as built. *Failed*: the build was released meanwhile; clear from `claim` on.
- **`release`** gives the claimed days back after a failure. *Failed*: nothing is lost; the next `claim` does it.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, CronDataIntervalTimetable, Param, TaskGroup, get_parsing_context
from cosmos import ProfileConfig
from cosmos.constants import InvocationMode
from cosmos.operators.local import DbtBuildLocalOperator
from cosmos.settings import cache_dir

from dags import pace, steps
from dags.topics import topics
from orchestration.alerting import task_failed
from orchestration.claim import NOTHING_LEFT, ClaimOperator

DBT = Path(__file__).resolve().parent.parent / "dbt"
PROFILE = ProfileConfig(profile_name="engagement", target_name="warehouse", profiles_yml_filepath=DBT / "profiles.yml")
DAY = {"type": ["null", "string"], "format": "date"}

with DAG(
    dag_id="engagement_daily",
    description="One load day, from landing files to marts",
    doc_md=__doc__,
    # In time-lapse the DAG `timelapse` runs the days; a schedule would run yesterday before the days that are due.
    schedule=None if pace.tick() else CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=datetime(2010, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=16,
    user_defined_macros={"left_out": steps.left_out},
    default_args={
        "owner": "data-engineering",
        "retries": 1,
        "retry_delay": timedelta(seconds=5),
        "on_failure_callback": task_failed,
        "weight_rule": "upstream",  # of many runs, those that are furthest go first
    },
    params={
        "start": Param(None, **DAY, title="First load day", description="Empty: the day of the run's data interval."),
        "end": Param(
            None, **DAY, title="Last load day", description="Empty: the same as the first. Not in the future."
        ),
        "rebuild": Param(
            False, type="boolean", title="Rebuild", description="From all published days; loads none by itself."
        ),
    },
    tags=["engagement", "daily"],
) as dag:
    claim = ClaimOperator(task_id="claim", single="models", backlog="build_backlog")
    build = partial(
        DbtBuildLocalOperator,
        project_dir=DBT,
        profile_config=PROFILE,
        invocation_mode=InvocationMode.DBT_RUNNER,
        install_deps=False,
        emit_datasets=False,
        dbt_cmd_flags=["--no-write-json"],  # nobody reads the manifest that each task would write
        cache_dir=cache_dir / "engagement_daily",  # where the tasks keep what dbt has parsed
    )
    build_backlog = build(task_id="build_backlog", exclude="{{ left_out() }}")
    with TaskGroup("models") as models:
        built: dict[str, DbtBuildLocalOperator] = {}
        running = get_parsing_context().task_id  # where a task reads this file: it needs no topic but its own
        for topic in topics(DBT / "target" / "manifest.json"):
            if running in (None, claim.task_id, f"models.{topic.name}"):
                built[topic.name] = build(task_id=topic.name, select=list(topic.nodes))
                # Every topic hangs on `claim`, not only the first ones: the scheduler then skips all in one turn.
                [claim, *(built[name] for name in topic.upstream if name in built)] >> built[topic.name]
    claim >> EmptyOperator(task_id=NOTHING_LEFT)
    (
        steps.generate()
        >> steps.load()
        >> steps.validate()
        >> steps.publish()
        >> claim
        >> [models, build_backlog]
        >> (audit_marts := steps.audit_marts())
        >> (ends := [steps.finish(), steps.release()])
    )
    # As the topics, so that the scheduler skips all of them in one turn.
    claim >> [audit_marts, *ends]
