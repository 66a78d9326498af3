"""The tasks of the DAGs: each reads its settings from the environment and calls what does the work.

The packages are imported by the task that needs them: parsing the DAG must stay quick.
"""

import logging
import os
import time
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from ingestion.warehouse import Warehouse
from orchestration import alerting
from orchestration.load_dates import load_dates

log = logging.getLogger(__name__)


@task
def generate() -> None:
    """Let the synthetic company land its files, unless real producers do (`GENERATE=false`)."""
    from upath import UPath

    from data_generator.service import generate as land
    from ingestion import service

    context = get_current_context()
    days = load_dates(context)
    run = context["dag_run"]
    with closing(_warehouse().connect()) as connection:
        service.record_run_start(
            connection,
            run.run_id,
            dag_id=run.dag_id,
            run_type=run.run_type,
            first_load_date=days[0] if days else None,
            last_load_date=days[-1] if days else None,
            started_at=run.start_date,
        )
    if not days:
        print("a rebuild of what is published: no day to load")
        return
    if os.environ.get("GENERATE", "true").lower() != "true":
        print("GENERATE is not true: real producers land the files")
        return
    if not os.environ.get("GENERATOR_START"):
        raise AirflowFailException(
            "GENERATE is true, but GENERATOR_START, the company's first day, is not set.\n"
            "Remedy: `make demo` sets it; elsewhere set it, or GENERATE=false where real producers land files."
        )
    start = date.fromisoformat(os.environ["GENERATOR_START"])
    if days[-1] < start:
        print(f"the company starts on {start}: it has nothing to land for {days[0]} to {days[-1]}")
        return
    landed = land(
        UPath(os.environ["LANDING_URI"]),
        max(days[0], start),
        days[-1],
        seed=int(os.environ["GENERATOR_SEED"]),
        scale=float(os.environ["GENERATOR_SCALE"]),
        start=start,
    )
    print(f"landed {len(landed)} days")


@task
def load() -> None:
    """Landing files to staging tables."""
    from upath import UPath

    from ingestion.service import ContractError, LoadError, load_days

    context = get_current_context()
    days, run_id = load_dates(context), context["dag_run"].run_id
    try:
        for loaded in load_days(_warehouse(), UPath(os.environ["LANDING_URI"]), days, run_id=run_id):
            print(loaded)
    except (ContractError, LoadError) as error:
        raise AirflowFailException(str(error)) from None  # a second attempt would find the same files


@task
def validate() -> None:
    """Audit what is staged; a day that fails is rejected, and what was published of it before stays."""
    from pipeline.service import audit_staged

    context, failed = get_current_context(), []
    again = context["ti"].try_number > 1  # cleared, or tried once more after an error: no older verdict counts
    for report in audit_staged(_warehouse(), load_dates(context), anew=again):
        (log.warning if report.failures or report.warnings else log.info)("%s", report)
        if not report.success:
            failed.append(str(report))
    if failed:
        raise AirflowFailException("Rejected, because a critical expectation failed.\n" + "\n".join(failed))


@task
def publish() -> None:
    """Swap what is staged into raw.

    A run that begins again, such as one that was marked as failed while it built, first gives its former build back,
    which claimed what was published before.
    """
    from ingestion import service

    context = get_current_context()
    with closing(_warehouse().connect()) as connection:
        if build := service.build_of(connection, context["dag_run"].run_id):
            service.release(connection, build)
        published = list(service.publish_days(connection, load_dates(context)))
    print(f"published: {', '.join(map(str, published)) or 'nothing new'}")


def left_out() -> str:
    """What a build in one pass need not make, as dbt selects it: the views, which stand until a definition changes.

    It is asked as the build begins: a table that is computed anew can take the views upon it along.
    """
    from ingestion.service import pending_rebuilds

    with closing(_warehouse().connect()) as connection:
        # Something has to be named, and no build has unit tests.
        return "resource_type:unit_test" if pending_rebuilds(connection) else "config.materialized:view"


@task(trigger_rule="none_failed_min_one_success")
def audit_marts() -> None:
    """Audit what analysts read."""
    from ingestion import service
    from validation.service import audit_marts as audit

    warehouse = _warehouse()
    with closing(warehouse.connect()) as connection:
        build = service.build_of(connection, get_current_context()["dag_run"].run_id)
    report = audit(warehouse, build.build_id)
    print(report)
    if not report.success:
        raise AirflowFailException(f"The marts are wrong.\n{report}")


@task(trigger_rule="none_failed_min_one_success")
def finish() -> None:
    """Mark the claimed days as built."""
    from ingestion import service

    run_id = get_current_context()["dag_run"].run_id
    with closing(_warehouse().connect()) as connection:
        service.finish(connection, service.build_of(connection, run_id))
        service.record_run_end(connection, run_id, succeeded=True, finished_at=datetime.now(UTC))
        _tell(connection)
    alerting.day_came()
    _send_lineage(run_id)


@task(trigger_rule="one_failed")
def release() -> None:
    """Give the claimed days back once no task of this run can still be building."""
    from ingestion import service

    context = get_current_context()
    run_id = context["dag_run"].run_id
    _wait_for_the_others(context)
    with closing(_warehouse().connect()) as connection:
        if build := service.build_of(connection, run_id):
            service.release(connection, build)
        service.record_run_end(connection, run_id, succeeded=False, finished_at=datetime.now(UTC))
        failed = _failed(context)
        _tell(connection, *([f"Failed: {', '.join(failed)}."] if failed else []))
    _send_lineage(run_id)


def _send_lineage(run_id: str) -> None:
    """Tell a lineage server (`OPENLINEAGE_URL`) what was built from what; a run does not fail when it is not taken."""
    if not os.environ.get("OPENLINEAGE_URL"):
        return
    from pipeline.lineage import emit_build

    try:
        print(f"lineage: {emit_build(_warehouse(), run_id, os.environ['OPENLINEAGE_URL'])} events sent")
    except Exception:
        log.exception("The lineage server did not take the events")


def _tell(connection, *before: str) -> None:
    """Print what the run did, and leave it as the run's note (`plugins/engagement.py` puts it there)."""
    from ingestion.run_summary import run_summary

    context = get_current_context()
    told = [*before, *run_summary(connection, context["dag_run"].run_id).sentences()]
    print(*told, sep="\n")
    context["ti"].xcom_push("note", " ".join(told))


@task
def watch() -> None:
    """Find days that are overdue and failures that are overcome, and tell people."""
    for title in alerting.watch():
        print(f"sent: {title}")


@task
def clean_warehouse() -> None:
    """Delete old history of the warehouse."""
    from ingestion.retention import Retention, retire

    with closing(_warehouse().connect()) as connection:
        for table, rows in retire(connection, Retention.from_environment(os.environ)).items():
            print(f"ops.{table}: {rows} rows deleted")


@task
def clean_airflow() -> None:
    """Delete old rows of Airflow's own tables."""
    from ingestion.retention import Retention
    from orchestration.maintenance import clean_tables

    days = Retention.from_environment(os.environ).history
    print("never" if days is None else clean_tables(days))


@task
def clean_logs() -> None:
    """Delete old logs of tasks."""
    from airflow.configuration import conf

    from ingestion.retention import Retention
    from orchestration.maintenance import remove_logs

    days = Retention.from_environment(os.environ).logs
    folder = Path(conf.get("logging", "base_log_folder"))
    print("never" if days is None else f"{remove_logs(folder, days)} files deleted in {folder}")


def _failed(context) -> list[str]:
    instance = context["ti"]
    states = instance.get_task_states(dag_id=instance.dag_id, run_ids=[instance.run_id])[instance.run_id]
    return [task_id for task_id, state in states.items() if state == "failed"]


def _wait_for_the_others(context) -> None:
    """Wait until no other task runs: `release` starts when one model fails, while other models may still write."""
    done = {"success", "failed", "skipped", "upstream_failed", "removed", None}
    instance = context["ti"]
    while True:
        states = instance.get_task_states(dag_id=instance.dag_id, run_ids=[instance.run_id])[instance.run_id]
        waiting = [task_id for task_id, state in states.items() if task_id != instance.task_id and state not in done]
        if not waiting:
            return
        print(f"waiting for {', '.join(waiting)}")
        time.sleep(2)


def _warehouse() -> Warehouse:
    return Warehouse.from_environment(os.environ)
