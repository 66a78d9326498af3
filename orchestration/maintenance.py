"""What Airflow forgets after a while: the logs of its tasks, and the rows of its own tables."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Old rows of these tables go. Left out are those of DAGs, their versions and what is in flight.
TABLES = (
    "dag_run",
    "task_instance",
    "task_instance_history",
    "task_reschedule",
    "xcom",
    "log",
    "job",
    "callback",
    "trigger",
)


def remove_logs(folder: Path, days: int, *, now: float | None = None) -> int:
    """Delete the log files that were not written to for so many days, and the folders that are empty then; how many."""
    oldest = (now or time.time()) - days * 86_400
    removed = 0
    found = [(path, path.lstat().st_mtime) for path in folder.rglob("*") if not path.is_symlink()]
    for path, written in sorted(found, reverse=True):  # what is in a folder comes before it
        if written >= oldest:
            continue
        if path.is_file():
            path.unlink(missing_ok=True)
            removed += 1
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return removed


def clean_tables(days: int) -> str:
    """Airflow's own `airflow db clean`; gives what it says.

    A task of Airflow may not reach Airflow's database. This is the command of an operator, called by a task: the
    address is in `AIRFLOW_METADATA_CONN`. Raises `RuntimeError` when it fails.
    """
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    command = [sys.executable, "-m", "airflow", "db", "clean", "--yes", "--skip-archive", "--error-on-cleanup-failure"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("_AIRFLOW")},
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": os.environ["AIRFLOW_METADATA_CONN"],
    }
    done = subprocess.run(
        [*command, "--clean-before-timestamp", before, "--tables", ",".join(TABLES)],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"airflow db clean failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout
