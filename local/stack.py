"""The local stack: the embedded PostgreSQL with the warehouse and Airflow's database, and Airflow's four programs."""

import contextlib
import fcntl
import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import psycopg2
from psycopg2 import sql

from ingestion.warehouse import DDL, create
from local.airflow_api import AirflowApi
from local.errors import LocalError
from local.postgres import port_is_taken, remove_shelters
from local.processes import Program, inherited, python, tail
from local.settings import Settings

# In the order of their start. Without --skip-serve-logs two of them would serve logs on all interfaces;
# the API server reads the same folder.
AIRFLOW = {
    "api-server": ["api-server"],
    "dag-processor": ["dag-processor"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
# What a program loads once and keeps: when these files change, it is started anew. Tasks see for themselves that
# our packages or the dbt project have changed.
LIBRARIES = ("requirements.txt", "config", "plugins")
LOADED = {
    "api-server": (*LIBRARIES, "orchestration", "ingestion", "validation/docs"),
    "dag-processor": LIBRARIES,
    "scheduler": LIBRARIES,
    "triggerer": (*LIBRARIES, "orchestration", "ingestion", "alerts"),
}
GUARD = "guard"
ABOUT_TO_END = 60  # seconds within which a program of Airflow that lost its database ends
FREE_BYTES = 1_000_000_000
IGNORED = {"target", "logs", "dbt_packages", "__pycache__"}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """The stack of one checkout. `say` tells a person what happens."""

    settings: Settings
    say: Say = print

    def up(self) -> None:
        """Start what is missing, and wait until it answers. Safe to repeat, and after anything was killed.

        Raises `LocalError` or `PostgresError` with a remedy.
        """
        _ = self.settings.environment()  # a wrong value is named before anything starts
        with self._alone():
            self._need_disk()
            self._empty_temporary_folder()
            self._start_postgres()
            self._prepare_warehouse()
            migration = self._start_migration()
            try:
                self._deploy_dbt()
            finally:
                self._finish_migration(migration)
            self._start_airflow()
            self._start_guard()

    def stop(self) -> None:
        """Stop all of it; verified. The data stays."""
        with self._alone():
            self._stop()

    def clean(self) -> None:
        """Stop all of it and remove it with its data: `.local/`, and the server's files where they lie elsewhere."""
        with self._alone():
            self._stop()
            self.settings.server.remove()
            remove_shelters(self.settings.project)
            shutil.rmtree(self.settings.local, ignore_errors=True)

    def programs(self) -> dict[str, Program]:
        """Airflow's programs, to look at and to stop."""
        return {name: Program(name, self.settings.local / "run") for name in AIRFLOW}

    def guard(self) -> Program:
        """What tells people that PostgreSQL or Airflow is gone."""
        return Program(GUARD, self.settings.local / "run")

    def _programs_to_run(self) -> dict[str, Program]:
        """Airflow's programs as they should run now."""
        environment = self.settings.environment()
        return {
            name: replace(
                program,
                command=tuple(self.airflow_command(*AIRFLOW[name])),
                environment=environment,
                code=_digest_of_files(self.settings.project, LOADED[name]),
            )
            for name, program in self.programs().items()
        }

    def api(self) -> AirflowApi:
        return AirflowApi(self.settings.airflow_url, "admin", self.settings["AIRFLOW_ADMIN_PASSWORD"], self.check)

    def check(self) -> None:
        """Raise `LocalError` when a part of the stack has died."""
        if not self.settings.server.is_running():
            log = self.settings.server.log
            raise LocalError(f"PostgreSQL ended. The end of {log}:\n{tail(log)}", "`make up` starts what is missing.")
        for name, program in self.programs().items():
            if not program.is_running():
                log = self.settings.logs / f"{name}.log"
                raise LocalError(
                    f"Airflow's {name} ended. The end of {log}:\n{tail(log)}",
                    "Mend what it says; `make up` starts what is missing, and the runs go on.",
                )

    def has_dbt_changed(self) -> bool:
        """Whether the dbt project, or a setting that it reads, is another than the one that `up` deployed last."""
        stamp = self._stamp("dbt")
        return stamp.exists() and stamp.read_text() != self._digest_of_dbt()

    def build_data_docs(self) -> Path:
        """Data Docs of the newest audits; gives their first page."""
        command = python("-m", "validation", "docs", "--folder", str(self.settings.data_docs))
        self._run(command, "Data Docs")
        return self.settings.data_docs / "index.html"

    def build_report(self) -> Path:
        """The KPIs in one HTML file."""
        page = self.settings.local / "report.html"
        self._run(python("-m", "dashboards.report", "--to", str(page)), "the report")
        return page

    def build_dbt_docs(self) -> Path:
        """dbt's documentation in one file, made again when the project has changed."""
        page, deployed = self.settings.local / "dbt_docs" / "static_index.html", self._stamp("dbt")
        if not page.exists() or page.stat().st_mtime < deployed.stat().st_mtime:
            self._run(python("-m", "pipeline", "docs", "--to", str(page)), "dbt docs")
        return page

    def airflow_command(self, *arguments: str) -> list[str]:
        return python("-m", "airflow", *arguments)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Two `make up` at the same time would start everything twice."""
        self.settings.local.mkdir(parents=True, exist_ok=True)
        with (self.settings.local / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.say("Another make is starting or stopping the stack; waiting for it.")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _need_disk(self) -> None:
        free = shutil.disk_usage(self.settings.local).free
        if free < FREE_BYTES:
            raise LocalError(
                f"only {free // 1_000_000} MB are free on the disk of {self.settings.local}.",
                "Free at least 1 GB; `make clean` removes the local stack with its data.",
            )

    def _empty_temporary_folder(self) -> None:
        folder = self.settings.local / "tmp"
        if not any(program.is_running() for program in self.programs().values()):
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)

    def _start_postgres(self) -> None:
        server = self.settings.server
        if server.is_running():
            server.wait_for_recovery()
            try:
                up_since = server.up_since()
            except psycopg2.OperationalError as error:
                raise LocalError(
                    f"PostgreSQL runs, but not as {self.settings.local / 'env'} says: {error}".strip(),
                    "WAREHOUSE_PORT was changed while it ran: `make stop`, then `make up`.",
                ) from error
            # The server may have just repaired itself; then Airflow's programs have lost it.
            if time.time() - up_since < ABOUT_TO_END:
                self._stop_airflow(grace=5, begun_before=up_since)
            return
        self._stop_airflow(grace=5)
        server.start()
        self.say(f"PostgreSQL   127.0.0.1:{server.port}")

    def _prepare_warehouse(self) -> None:
        """Databases, roles, and what `sql/ddl` defines; nothing when that is done already."""
        settings = self.settings
        secrets = [*settings.warehouse.environment().values(), settings["AIRFLOW_DB_PASSWORD"]]
        digest = _digest(*(script.read_bytes() for script in sorted(DDL.glob("*.sql"))), *map(str.encode, secrets))
        with self._once("warehouse", digest) as missing:
            if missing:
                superuser = settings.server.connect()
                try:
                    create(superuser, settings.warehouse)
                    create_airflow_database(superuser, settings["AIRFLOW_DB_PASSWORD"])
                finally:
                    superuser.close()

    def _start_migration(self) -> subprocess.Popen | None:
        """Start the migration of Airflow's own tables, unless they are of this version already."""
        if self._stamp("airflow").exists() and self._stamp("airflow").read_text() == version("apache-airflow"):
            return None
        self.say("Airflow      making its tables")
        self.settings.logs.mkdir(parents=True, exist_ok=True)
        with (self.settings.logs / "airflow-migrate.log").open("wb") as log:
            return subprocess.Popen(
                self.airflow_command("db", "migrate"),
                env=self.command_environment(),
                cwd=self.settings.project,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _finish_migration(self, migration: subprocess.Popen | None) -> None:
        if migration is None:
            return
        if migration.wait() != 0:
            log = self.settings.logs / "airflow-migrate.log"
            raise LocalError(
                f"`airflow db migrate` failed. The end of {log}:\n{tail(log)}", "Mend that, or `make clean`."
            )
        self._stamp("airflow").write_text(version("apache-airflow"))

    def _deploy_dbt(self) -> None:
        """Parse the dbt project, record its definitions, and make its views, when a file or a setting changed."""
        if not (self.settings.project / "dbt" / "target" / "manifest.json").exists():
            self._stamp("dbt").unlink(missing_ok=True)
        with self._once("dbt", self._digest_of_dbt()) as missing:
            if missing:
                self.say("dbt          parsing the project, making its views")
                self._run(python("-m", "pipeline", "deploy"), "The deployment of dbt's project")

    def _digest_of_dbt(self) -> str:
        settings = [version("dbt-core"), *self.settings.warehouse.environment().values()]
        settings += self.settings.reporting_day.values()
        return _digest(*map(str.encode, settings), _digest_of_files(self.settings.project / "dbt", ["."]).encode())

    def _start_airflow(self) -> None:
        settings = self.settings
        programs = self._programs_to_run()
        outdated = [name for name, program in programs.items() if not program.is_current()]
        if "api-server" in outdated:
            programs["api-server"].stop()
            _need_port(settings.port("AIRFLOW_PORT"), "AIRFLOW_PORT")
        _write_password(settings)
        for name in outdated:
            self._start_program(programs[name])
        if outdated:
            self.say(f"Airflow      starting {', '.join(outdated)}")
        self._wait_until_healthy(programs, set(outdated))
        if outdated:
            self.say(f"Airflow      {settings.airflow_url}")

    def _start_program(self, program: Program) -> None:
        program.stop()
        program.start(folder=self.settings.project, log=self.settings.logs / f"{program.name}.log")

    def _wait_until_healthy(self, programs: dict[str, Program], started: set[str], seconds: float = 180) -> None:
        """Wait until the API answers and each other program has reported in since its start.

        A program that was running and ends meanwhile is started again: it had lost its database and notices only now.
        """
        deadline = time.monotonic() + seconds
        while True:
            for name, program in programs.items():
                if name not in started and not program.is_running():
                    self.say(f"Airflow      starting {name}")
                    self._start_program(program)
                    started.add(name)
            self.check()
            beats = self.api().heartbeats()
            silent = [name for name in programs if name != "api-server" and beats.get(name, 0) < programs[name].started]
            if beats and not silent:
                return
            if time.monotonic() > deadline:
                raise LocalError(
                    f"Airflow does not become healthy; silent: {', '.join(silent if beats else ['api-server'])}.",
                    f"Where the machine is busy, `make up` waits on. Else read the logs in {self.settings.logs};"
                    " `make stop` and `make up` start afresh.",
                )
            time.sleep(0.3)

    def _start_guard(self) -> None:
        settings = self.settings
        folders = [str(settings.local), str(settings.server.home)]
        folders += [settings.landing] if "://" not in settings.landing else []
        guard = replace(
            self.guard(),
            command=tuple(python("-m", "alerts", GUARD, *folders)),
            environment=settings.guard_environment(),
            code=_digest_of_files(settings.project, ("requirements.txt", "alerts", "ingestion/warehouse.py")),
        )
        if not guard.is_current():
            self._start_program(guard)

    def _stop_airflow(self, grace: float = 20, *, begun_before: float = float("inf")) -> None:
        programs = self.programs()
        # The scheduler first: its tasks need the API server to report how they ended.
        for name in ("scheduler", "triggerer", "dag-processor", "api-server"):
            if programs[name].started < begun_before and programs[name].members():
                programs[name].stop(grace)
                self.say(f"stopped      {name}")

    def _stop(self) -> None:
        self.guard().stop()  # first: what is stopped on purpose is not told
        self._stop_airflow()
        server = self.settings.server
        if server.is_running():
            server.stop()
            self.say("stopped      PostgreSQL")

    def _run(self, command: list[str], what: str) -> None:
        """A short command of our own, silent unless it fails."""
        done = subprocess.run(
            command, env=self.command_environment(), cwd=self.settings.project, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise LocalError(f"{what} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}", "Mend what it says.")

    def command_environment(self) -> dict[str, str]:
        """The environment of a short command: that of Airflow's programs, and what they inherit."""
        return {**inherited(), **self.settings.environment()}

    def _stamp(self, name: str) -> Path:
        # Beside the server's data, so that whoever removes the data removes the stamp, too.
        return self.settings.server.home / f"{name}.stamp"

    @contextlib.contextmanager
    def _once(self, name: str, digest: str) -> Iterator[bool]:
        stamp = self._stamp(name)
        missing = not stamp.exists() or stamp.read_text() != digest
        yield missing
        if missing:
            stamp.write_text(digest)


def create_airflow_database(superuser: psycopg2.extensions.connection, password: str) -> None:
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        cursor.execute("select 1 from pg_roles where rolname = 'airflow'")
        if cursor.fetchone() is None:
            cursor.execute("create role airflow login")
        cursor.execute(sql.SQL("alter role airflow password {}").format(sql.Literal(password)))
        cursor.execute("select 1 from pg_database where datname = 'airflow'")
        if cursor.fetchone() is None:
            cursor.execute("create database airflow owner airflow")
            cursor.execute("revoke all on database airflow from public")


def _write_password(settings: Settings) -> None:
    """Tell Airflow's SimpleAuthManager the password that we show."""
    path = settings.local / "airflow" / "passwords.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"admin": settings["AIRFLOW_ADMIN_PASSWORD"]}))


def _need_port(port: int, setting: str) -> None:
    if port_is_taken(port):
        raise LocalError(
            f"port {port} on 127.0.0.1 is taken by another program.",
            f"Stop it, or choose another port with {setting} in .env.",
        )


def _digest(*parts: bytes) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()


def _digest_of_files(root: Path, names: Iterable[str]) -> str:
    """The hash of the names and contents of all files in `names`, which are files or folders."""
    found = (path for name in names for path in (root / name, *(root / name).rglob("*")) if path.is_file())
    files = sorted(path for path in found if not IGNORED & set(path.relative_to(root).parts))
    return _digest(*(part for path in files for part in (str(path.relative_to(root)).encode(), path.read_bytes())))
