"""Claims the published days that are not in the marts, or waits, without a worker slot, while another run builds."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from airflow.providers.standard.operators.branch import BranchMixIn
from airflow.providers.standard.utils.skipmixin import XCOM_SKIPMIXIN_FOLLOWED, XCOM_SKIPMIXIN_KEY
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.triggers.base import BaseTrigger, StartTriggerArgs, TaskSuccessEvent, TriggerEvent
from psycopg2.extensions import connection as Connection

from ingestion.run_summary import run_summary
from ingestion.service import pending_rebuilds
from ingestion.warehouse import Warehouse
from orchestration.build_watch import BuildWatch
from orchestration.claiming import claim_or_take_over
from orchestration.load_dates import load_dates

NOTHING_LEFT = "built_by_another_run"  # the task that says so in the grid
AIRFLOW_RUN_IDS = ("manual__", "scheduled__", "backfill__", "asset_triggered__")


class ClaimOperator(BaseOperator, BranchMixIn):
    """Branch to `single` when one day was claimed; to `backlog` when more were, or when a definition changed; to
    `NOTHING_LEFT` when another run has built the run's days.

    It begins in the triggerer, and takes a worker only when it is time to claim. Most runs of a backfill never take
    one, because another run builds their days.
    """

    inherits_from_skipmixin = True
    start_from_trigger = True
    start_trigger_args = StartTriggerArgs("orchestration.claim.BuildTrigger", next_method="execute")

    def __init__(self, *, single: str, backlog: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.single, self.backlog = single, backlog

    def execute(self, context: Mapping[str, Any], event: object = None) -> None:
        dag_id, holder = context["dag_run"].dag_id, context["dag_run"].run_id
        with closing(Warehouse.from_environment(os.environ).connect()) as connection:
            build = claim_or_take_over(
                connection,
                holder,
                load_dates(context),
                rebuild=context["params"]["rebuild"],
                is_over=partial(is_over, dag_id),
                say=self.log.info,
            )
            pending = pending_rebuilds(connection)
            if build is None:
                context["ti"].xcom_push("note", end_run(connection, holder))
        if build is None:
            self.do_branch(context, NOTHING_LEFT)
            return
        if build.holder != holder:
            self.log.info("%s was first (build %s): waiting for it", build.holder, build.build_id)
            self.defer(trigger=BuildTrigger(), method_name="execute")
        self.log.info("build %s of %s", build.build_id, ", ".join(map(str, build.load_dates)))
        for model, reason in pending.items():
            self.log.info("%s is computed anew: %s", model, reason)
        # Views have no tasks of their own: one pass makes those that changed, too.
        one_by_one = len(build.load_dates) == 1 and not pending
        self.do_branch(context, self.single if one_by_one else self.backlog)


class BuildTrigger(BaseTrigger):
    """Fires when it is time to claim (see `BuildWatch`).

    When the run's days are built by another run, it ends the task by itself, without a worker, and leaves for the
    scheduler what a branch leaves: which task is next.
    """

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "orchestration.claim.BuildTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        context = self.task_instance.get_template_context()
        run, days = context["dag_run"], load_dates(context)
        worth_it = _watch(run.dag_id).until_worth_claiming(
            frozenset(days), holder=run.run_id, rebuild=context["params"]["rebuild"], say=self.log.info
        )
        if await worth_it:
            yield TriggerEvent(None)
        else:
            note = await asyncio.to_thread(_end_run, run.run_id)
            self.log.info(note)
            branch = {XCOM_SKIPMIXIN_FOLLOWED: [NOTHING_LEFT]}
            yield TaskSuccessEvent(xcoms={"note": note, XCOM_SKIPMIXIN_KEY: branch})


@cache
def _watch(dag_id: str) -> BuildWatch:
    """The one that all triggers of this process share."""
    return BuildWatch(Warehouse.from_environment(os.environ), partial(is_over, dag_id), partial(running, dag_id))


def _end_run(run_id: str) -> str:
    with closing(Warehouse.from_environment(os.environ).connect()) as connection:
        return end_run(connection, run_id)


def end_run(connection: Connection, run_id: str) -> str:
    """Record the end of a run whose days another run has built; gives what the run did, which names that one."""
    from ingestion import service

    service.record_run_end(connection, run_id, succeeded=True, finished_at=datetime.now(UTC))
    return " ".join(run_summary(connection, run_id).sentences())


def running(dag_id: str) -> int:
    """How many runs of the DAG are running."""
    return RuntimeTaskInstance.get_dr_count(dag_id=dag_id, states=["running"])


def is_over(dag_id: str, holder: str) -> bool:
    """Whether the holder of a build is a run of the DAG that does not run any more, or has been deleted."""
    if not holder.startswith(AIRFLOW_RUN_IDS):
        return False  # a person who builds by hand: Airflow does not know whether they have finished
    try:
        return RuntimeTaskInstance.get_dagrun_state(dag_id, holder) != "running"
    except AirflowRuntimeError as error:
        if "404" in str(error) or "not_found" in str(error).lower():
            return True
        raise
