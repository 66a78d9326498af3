"""What Airflow tells people: a task that failed for good, days that are overdue, and what is over."""

import logging
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from alerts.channel import Channel, NotSent
from alerts.messages import failure
from alerts.service import due_at, report, say_recoveries, say_recovery_of
from alerts.service import watch as look
from ingestion.warehouse import Warehouse
from orchestration.load_dates import load_dates

log = logging.getLogger(__name__)
DAILY = "engagement_daily"
SILENCE = 3600  # seconds between two messages that the warehouse does not answer, which it cannot remember


def task_failed(context: Mapping[str, Any]) -> None:
    """Tell people of a task that failed for good (`on_failure_callback`). A message never fails anything."""
    channel = Channel.from_environment(os.environ)
    instance, run = context["ti"], context["dag_run"]
    days = ()
    if run.dag_id == DAILY:
        with suppress(Exception):  # of a `start` or `end` that makes no sense
            days = tuple(load_dates(context))
    alert = failure(
        dag_id=run.dag_id,
        task_id=instance.task_id,
        run_id=run.run_id,
        load_dates=days,
        error=context.get("exception"),
        since=getattr(instance, "start_date", None) or datetime.now(UTC),
        address=getattr(instance, "log_url", None) or "Airflow",
        doc_md=getattr(context.get("dag"), "doc_md", None),
    )
    try:
        report(Warehouse.from_environment(os.environ), channel, alert)
    except psycopg2.OperationalError as error:
        _say_that_the_warehouse_is_gone(channel, error)


def task_succeeded(context: Mapping[str, Any]) -> None:
    """Say that a task of another DAG than `engagement_daily` works again (`on_success_callback`)."""
    start = f"{context['dag_run'].dag_id}.{context['ti'].task_id}:"
    say_recovery_of(Warehouse.from_environment(os.environ), Channel.from_environment(os.environ), start)


def watch() -> list[str]:
    """Look for what is overdue, over or unsaid; gives the titles of what was sent."""
    warehouse, channel = Warehouse.from_environment(os.environ), Channel.from_environment(os.environ)
    # In time-lapse the days come when it brings them.
    hour = None if float(os.environ.get("TIMELAPSE_FACTOR") or 0) else due_at(os.environ)
    said = look(warehouse, channel, due_at=hour)
    if _gone().exists():
        _gone().unlink(missing_ok=True)
        channel.send("Over: the warehouse does not answer", "Nothing is to be done, unless a task says so.")
        said.append("Over: the warehouse does not answer")
    return said


def day_came() -> None:
    """Say what is over since a build was finished; the run does not fail when that cannot be said."""
    try:
        say_recoveries(Warehouse.from_environment(os.environ), Channel.from_environment(os.environ))
    except Exception:
        log.exception("What is over could not be said; the DAG `watch` says it")


def _say_that_the_warehouse_is_gone(channel: Channel, error: Exception) -> None:
    stamp = _gone()
    if stamp.exists() and time.time() - stamp.stat().st_mtime < SILENCE:
        return
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    body = [
        f"What: a task of Airflow could not reach the warehouse: {error}".strip(),
        f"Since: {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "It means: no day is loaded, and no dashboard answers. Nothing is lost: days run again.",
        "What to do: start PostgreSQL (`make up`; `docker compose up --detach postgres`), then clear the failed tasks.",
        "Where to look: PostgreSQL's log, which `make status` names.",
    ]
    try:
        channel.send("The warehouse does not answer", "\n".join(body))
    except NotSent as problem:
        log.error("It could not be said that the warehouse does not answer: %s", problem)


def _gone() -> Path:
    return Path(os.environ.get("AIRFLOW_HOME", ".")) / "warehouse_does_not_answer"
