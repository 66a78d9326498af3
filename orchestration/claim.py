"""Claims the published days that are not in the marts, or waits, without a worker slot, while another run builds."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from typing import Any

from airflow.providers.standard.operators.branch import BranchMixIn
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowRuntimeError, AirflowSkipException
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.triggers.base import BaseTrigger, StartTriggerArgs, TaskSkippedEvent, TriggerEvent
from psycopg2.extensions import connection as Connection

from ingestion.warehouse import Warehouse
from orchestration.build_watch import BuildWatch
from orchestration.load_dates import load_dates

AIRFLOW_RUN_IDS = ("manual__", "scheduled__", "backfill__", "asset_triggered__")


class ClaimOperator(BaseOperator, BranchMixIn):
    """Branch to `single` when one day was claimed, to `backlog` when more were; skipped when ours are built.

    It begins in the triggerer, and takes a worker only to claim: most runs of a backfill never do.
    Pushes the XCom `build_id`. A run whose days another run has built ends here: nothing of it follows.
    """

    inherits_from_skipmixin = True
    start_from_trigger = True
    start_trigger_args = StartTriggerArgs("orchestration.claim.BuildTrigger", next_method="execute")

    def __init__(self, *, single: str, backlog: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.branches = {"single": single, "backlog": backlog}

    def execute(self, context: Mapping[str, Any], event: dict[str, Any] | None = None) -> None:
        from ingestion import service

        dag_id, holder = context["dag_run"].dag_id, context["dag_run"].run_id
        days, rebuild = load_dates(context), context["params"]["rebuild"]
        with closing(Warehouse.from_environment(os.environ).connect()) as connection:
            claim = service.claim(connection, holder, days, rebuild=rebuild)
            if claim.kind == "busy" and is_over(dag_id, claim.holder):
                self.log.info("The run %s is over without having finished its build: releasing its days", claim.holder)
                service.release(connection, claim.holder)
                claim = service.claim(connection, holder, days, rebuild=rebuild)
            if claim.kind == "built":
                end_run(connection, holder)
        if claim.kind == "busy":
            self.log.info("%s was first (build %s): waiting for it", claim.holder, claim.build_id)
            self.defer(trigger=BuildTrigger(), method_name="execute")
        if claim.kind == "built":
            raise AirflowSkipException("Another run has built these days")
        self.log.info("%s: build %s of %s", claim.kind, claim.build_id, ", ".join(map(str, claim.load_dates)))
        context["ti"].xcom_push(key="build_id", value=claim.build_id)
        self.do_branch(context, self.branches[claim.kind])


class BuildTrigger(BaseTrigger):
    """Fires when it is worth claiming: nobody builds, and all who run have published.

    When our days are built, it ends the task as skipped, which costs no worker.
    """

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "orchestration.claim.BuildTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        context = self.task_instance.get_template_context()
        run, days = context["dag_run"], load_dates(context)
        worth_it = _watch(run.dag_id).until_worth_claiming(
            frozenset(days), rebuild=context["params"]["rebuild"], say=self.log.info
        )
        if await worth_it:
            yield TriggerEvent({"load_dates": [day.isoformat() for day in days]})
        else:
            await asyncio.to_thread(_end_run, run.run_id)
            yield TaskSkippedEvent()


@cache
def _watch(dag_id: str) -> BuildWatch:
    """The one that all triggers of this process share."""
    return BuildWatch(
        Warehouse.from_environment(os.environ), lambda holder: is_over(dag_id, holder), lambda: running(dag_id)
    )


def _end_run(run_id: str) -> None:
    with closing(Warehouse.from_environment(os.environ).connect()) as connection:
        end_run(connection, run_id)


def end_run(connection: Connection, run_id: str) -> None:
    """Write that a run whose days another run has built is through."""
    from ingestion import service

    service.record_run_end(connection, run_id, succeeded=True, finished_at=datetime.now(UTC))


def running(dag_id: str) -> int:
    """How many runs of the DAG are running."""
    return RuntimeTaskInstance.get_dr_count(dag_id=dag_id, states=["running"])


def is_over(dag_id: str, holder: str) -> bool:
    """Whether the holder of a build is a run of the DAG that does not run any more, or has been deleted."""
    if not holder.startswith(AIRFLOW_RUN_IDS):
        return False  # someone who works by hand; only they know
    try:
        return RuntimeTaskInstance.get_dagrun_state(dag_id, holder) != "running"
    except AirflowRuntimeError as error:
        if "404" in str(error) or "not_found" in str(error).lower():
            return True
        raise
