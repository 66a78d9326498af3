"""What Airflow tells people: a task that failed for good, days that are overdue, and what is over."""

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg2

from alerts.channel import Channel
from alerts.messages import failure
from alerts.service import due_at, report, say_recoveries, say_recovery_of
from alerts.service import watch as look
from ingestion.warehouse import Warehouse
from orchestration.load_dates import load_dates

log = logging.getLogger(__name__)
DAILY = "engagement_daily"


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
    except psycopg2.OperationalError:
        log.exception("The warehouse does not answer: `alerts.guard` tells of that")


def task_succeeded(context: Mapping[str, Any]) -> None:
    """Say that a task of another DAG than `engagement_daily` works again (`on_success_callback`)."""
    start = f"{context['dag_run'].dag_id}.{context['ti'].task_id}:"
    say_recovery_of(Warehouse.from_environment(os.environ), Channel.from_environment(os.environ), start)


def watch() -> list[str]:
    """Look for what is overdue, over or unsaid; gives the titles of what was sent."""
    warehouse, channel = Warehouse.from_environment(os.environ), Channel.from_environment(os.environ)
    # In time-lapse the days come when it brings them.
    hour = None if float(os.environ.get("TIMELAPSE_FACTOR") or 0) else due_at(os.environ)
    return look(warehouse, channel, due_at=hour)


def day_came() -> None:
    """Say what is over since a build was finished; the run does not fail when that cannot be said."""
    try:
        say_recoveries(Warehouse.from_environment(os.environ), Channel.from_environment(os.environ))
    except Exception:
        log.exception("What is over could not be said; the DAG `watch` says it")
