"""Every Airflow process reads this as it starts. It imports large libraries once, so that tasks need not.

A task of the LocalExecutor is a fork of the scheduler. What the scheduler has imported, a task need not: Great
Expectations, Cosmos and dbt together take 7 to 12 seconds of CPU, in every task. The DAG processor forks, too, and
needs Cosmos and networkx. Only libraries are imported here, not our own packages: a change of our code takes effect at
once.
"""

import gc
import importlib
import os
import sys
import tempfile
from pathlib import Path

__all__: list[str] = []  # Airflow would take every public name here for a setting

WARM = {
    "scheduler": (
        "airflow.providers.standard.decorators.python",
        "airflow.providers.standard.operators.branch",
        "airflow.sdk.definitions.decorators",
        "airflow.sdk.lineage",
        "airflow.triggers.base",
        "asgiref.sync",
        "cosmos.plugin.airflow3",
        "cosmos.operators.local",
        "dbt.adapters.postgres",
        "dbt.cli.main",
        "faker",
        "great_expectations",
        "msgspec",
        "numpy",
        "openlineage.common.provider.dbt.local",
        "pandas",
        "psycopg2.extras",
        "sqlalchemy.dialects.postgresql",
        "upath.implementations.local",
    ),
    "dag-processor": ("cosmos.operators.local", "networkx"),
}


def _warm_up(command: str) -> None:
    for module in WARM.get(command, ()):
        importlib.import_module(module)
    if command == "scheduler":
        _warm_up_dbt()
        # A task that ends closes its sockets, which wakes its supervisor. If the supervisor gets the core before the
        # task has ended, it looks again only MIN_HEARTBEAT_INTERVAL later. Under SCHED_BATCH the task ends first.
        if hasattr(os, "SCHED_BATCH"):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    # Nothing that is loaded now is ever freed: a garbage collection in a fork would only copy its memory pages.
    gc.freeze()


def _warm_up_dbt() -> None:
    """Parse the project and throw the result away, but for what dbt keeps: half of what it takes to build few tables.

    On their first use dbt makes serialisers; the second parse reads what the first has written, as each task does.
    Macros are compiled once, and known by their text: a macro that changes is compiled by the tasks.
    """
    from dbt.cli.main import dbtRunner
    from dbt_common.clients.jinja import template_cache

    project = str(Path(__file__).resolve().parent.parent / "dbt")
    command = ["parse", "--project-dir", project, "--profiles-dir", project, "--profile", "engagement"]
    with tempfile.TemporaryDirectory() as target:
        for _ in range(2):
            parsed = dbtRunner().invoke(
                [*command, "--target", "warehouse", "--target-path", target, "--no-write-json", "--quiet"]
            )
    for macro in parsed.result.macros.values() if parsed.success else ():
        template_cache.get_node_template(macro)


_warm_up(sys.argv[1] if len(sys.argv) > 1 else "")
