"""A copy of the project for tests that start the whole stack, or that write into the project's folders."""

import os
import shutil
import subprocess
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from psycopg2 import sql

from local.postgres import free_port
from local.processes import tail
from local.settings import READ, Settings
from local.stack import Stack

ROOT = Path(__file__).resolve().parent.parent
LONGEST_STORY = timedelta(minutes=20)

UNFINISHED = {
    "airflow": """
        select run_id, task_id, state, try_number, pid, queued_dttm, start_date, last_heartbeat_at
        from task_instance
        where run_id in (select run_id from dag_run where state in ('queued', 'running'))
            and coalesce(state, 'none') not in ('success', 'skipped')
    """,
    "engagement": """
        select activity.pid, usename, application_name, state, wait_event, xact_start, locktype, granted, query
        from pg_stat_activity as activity
        left join pg_locks as held on activity.pid = held.pid and held.locktype = 'advisory'
        where datname = current_database()
    """,
}


def copy_to(folder: Path) -> Path:
    """Copy the project's own files, tracked or new, into `folder`, with this environment as its `.venv`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def today() -> date:
    """The day that it will be until a story on a stack is over, which counts the days before: waits for midnight."""
    now = datetime.now(UTC)
    later = now + LONGEST_STORY
    if later.date() > now.date():
        time.sleep((datetime.combine(later, datetime.min.time(), UTC) - now).total_seconds())
    return later.date()


class Checkout:
    """A copy of the project with ports of its own, and its `make`; its company began so many `days` ago."""

    def __init__(self, folder: Path, days: int = 2) -> None:
        self.folder = folder
        self.today = today()
        self.ports = {"WAREHOUSE_PORT": str(free_port()), "AIRFLOW_PORT": str(free_port())}
        inherited = {name: value for name, value in os.environ.items() if name not in READ and name != "MAKEFLAGS"}
        start = self.today - timedelta(days=days)
        self.environment = {**inherited, **self.ports, "GENERATOR_START": str(start)}

    def make(self, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess:
        try:
            done = subprocess.run(
                ["make", "-s", *arguments],
                cwd=self.folder,
                env={**self.environment, **environment},
                input=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=600,
            )
        except subprocess.TimeoutExpired:
            self._say_what_hangs()
            raise
        print(f"$ make {' '.join(arguments)}  -> {done.returncode}\n{done.stdout}")
        return done

    def _say_what_hangs(self) -> None:
        """Print what is not over in Airflow, what PostgreSQL does, and the ends of the programs' logs."""
        for database, query in UNFINISHED.items():
            print(*self.ask(query, database=database), sep="\n")
        for log in self.stack.settings.logs.glob("*.log"):
            print(f"\n{log.name}\n{tail(log)}")

    def ask(self, query: str | sql.Composable, *values: object, database: str = "engagement") -> list[tuple]:
        """The rows that a query gives, as PostgreSQL's superuser."""
        with closing(self.stack.settings.server.connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall()

    @property
    def stack(self) -> Stack:
        return Stack(Settings.load(self.folder, self.ports))

    def pids(self) -> dict[str, int]:
        return {name: program.pid for name, program in self.stack.programs().items()}
