"""Read by every Airflow process as it starts; it makes the tasks start warm.

A task of the LocalExecutor is a fork of the scheduler. What the scheduler has imported, a task need not: Great
Expectations, Cosmos and dbt together take 7 to 12 seconds of CPU, in every task. The DAG processor forks, too, and
needs Cosmos alone. Only libraries are imported here, not our own packages: a change of our code is in force at once.
"""

import gc
import importlib
import sys

__all__: list[str] = []  # Airflow would take every public name here for a setting

WARM = {
    "scheduler": (
        "cosmos",
        "cosmos.operators.local",
        "dbt.adapters.postgres",
        "dbt.cli.main",
        "faker",
        "great_expectations",
        "msgspec",
        "numpy",
        "pandas",
        "psycopg2",
        "sqlalchemy.dialects.postgresql",
        "upath",
    ),
    "dag-processor": ("cosmos", "cosmos.operators.local"),
}


def _warm_up(command: str) -> None:
    for module in WARM.get(command, ()):
        importlib.import_module(module)
    # What is loaded now stays for ever: a collection in a fork would only copy its memory pages.
    gc.freeze()


_warm_up(sys.argv[1] if len(sys.argv) > 1 else "")
