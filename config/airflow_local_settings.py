"""Every Airflow process reads this as it starts. It imports once what tasks need, so that they need not.

A task of the LocalExecutor is a fork of the scheduler. What the scheduler has imported, a task need not: Great
Expectations, Cosmos and dbt together take 7 to 12 seconds of CPU, in every task. The DAG processor forks, too, and
needs Cosmos and networkx. Our own packages, and what dbt has read of its project, are forgotten by a fork when one of
their files has changed, so that a change takes effect at once.
"""

import contextlib
import gc
import importlib
import itertools
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__: list[str] = []  # Airflow would take every public name here for a setting

PROJECT = Path(__file__).resolve().parent.parent
OURS = ("alerts", "dags", "data_generator", "ingestion", "orchestration", "pipeline", "validation")
GENERATED = {"__pycache__", "logs", "target"}
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
        importlib.import_module("airflow.sdk.listener").get_listener_manager()  # looks for plugins, and loads ours
        _forget_when_written(_forget_dbt, "dbt")  # before they are read: what is written meanwhile counts
        _warm_up_dbt()
        _forget_when_written(_forget_ours, *OURS)
        _warm_up_ours()
        # A task that ends closes its sockets, which wakes its supervisor. If the supervisor gets the core before the
        # task has ended, it looks again only MIN_HEARTBEAT_INTERVAL later. Under SCHED_BATCH the task ends first.
        if hasattr(os, "SCHED_BATCH"):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    # Nothing that is loaded now is ever freed: a garbage collection in a fork would only copy its memory pages.
    gc.freeze()


def _warm_up_dbt() -> None:
    """Read the project and compile its macros, and let the tasks have both: half of what it takes to build few tables.

    The deploy has read the project before: only files that changed since are read again, which saves 8 seconds of CPU.
    Macros are compiled once, and known by their text: a macro that changes is compiled by the tasks.
    """
    from cosmos.dbt.runner import get_runner
    from dbt.cli.main import dbtRunner
    from dbt_common.behavior_flags import BehaviorFlagRendered
    from dbt_common.clients.jinja import template_cache

    # dbt asks whose a flag is even where the flag says so, and looks through all modules for it: 0.1 seconds a task.
    BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")
    project = str(PROJECT / "dbt")
    deployed = PROJECT / "dbt" / "target" / "partial_parse.msgpack"
    what_was_read = ["--partial-parse-file-path", str(deployed)] if deployed.exists() else []
    with tempfile.TemporaryDirectory() as target:
        parsed = dbtRunner().invoke(
            ["parse", "--project-dir", project, "--profiles-dir", project, "--profile", "engagement"]
            + ["--target", "warehouse", "--target-path", target, "--no-write-json", "--quiet"]
            + what_was_read
        )
    if not parsed.success:
        return  # the tasks say what is wrong
    for macro in parsed.result.macros.values():
        template_cache.get_node_template(macro)
    get_runner().manifest = parsed.result


def _warm_up_ours() -> None:
    """Import our packages, and find out what each task asks for again.

    What cannot be imported is for the DAG processor and the tasks to say: the scheduler starts all the same.
    """
    with contextlib.suppress(Exception):
        for module in ("dags.pace", "dags.steps", "data_generator.service", "orchestration.claim", "pipeline.service"):
            importlib.import_module(module)
        rules, topics = importlib.import_module("ingestion.rules"), importlib.import_module("dags.topics")
        rules.code_sha256(rules.PACKAGE)
        topics.topics(PROJECT / "dbt" / "target" / "manifest.json")
        importlib.import_module("ingestion.contract_yaml").load_contracts()
        company, seed = importlib.import_module("data_generator.company"), int(os.environ["GENERATOR_SEED"])
        company.name_pools(seed)
        company.phrases(seed)


def _forget_ours() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]


def _forget_dbt() -> None:
    from cosmos.dbt.runner import get_runner

    get_runner().manifest = None


def _forget_when_written(forget: Callable[[], None], *folders: str) -> None:
    """From now on a task that begins after a file below the folders was written calls `forget` first."""
    before, forks = _written(*folders), itertools.count(1)

    def look() -> None:
        # The executor's worker is a fork of the scheduler, and a task one of that. What a task forks goes on with what
        # the task has.
        if next(forks) <= 2 and (before is None or _written(*folders) != before):
            forget()

    os.register_at_fork(after_in_child=look)


def _written(*folders: str) -> dict[Path, tuple[int, int]] | None:
    """When each file below these folders was written, and how long it is; None while files come and go."""
    found = {}
    try:
        for path in itertools.chain.from_iterable((PROJECT / folder).rglob("*.*") for folder in folders):
            if GENERATED.isdisjoint(path.relative_to(PROJECT).parts):
                status = path.stat()
                found[path] = status.st_mtime_ns, status.st_size
    except FileNotFoundError:
        return None
    return found


_warm_up(sys.argv[1] if len(sys.argv) > 1 else "")
