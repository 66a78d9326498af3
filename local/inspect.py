"""What runs, where, and how far the days are; and ways in."""

import os
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
from rich.console import Console
from rich.table import Table

from ingestion.service import pending_rebuilds
from local.errors import LocalError
from local.postgres import binaries
from local.settings import Settings
from local.stack import GUARD, Stack

STATE = Path(__file__).parent / "sql" / "state.sql"
DRIFT = Path(__file__).parent / "sql" / "field_drift.sql"


def show_status(stack: Stack, console: Console) -> bool:
    """Print the state of the stack; gives whether all of it runs."""
    settings = stack.settings
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    postgres = settings.server.is_running()
    table.add_row("PostgreSQL", _word(postgres), f"127.0.0.1:{settings.server.port}   log: {settings.server.log}")
    running = {name: program.is_running() for name, program in stack.programs().items()}
    for name, alive in running.items():
        table.add_row(f"Airflow {name}", _word(alive), f"log: {settings.logs / f'{name}.log'}")
    running[GUARD] = stack.guard().is_running()
    table.add_row("Guard", _word(running[GUARD]), f"log: {settings.logs / f'{GUARD}.log'}")
    if running["api-server"]:
        table.add_row("", "", f"{settings.airflow_url}   login: admin / {settings['AIRFLOW_ADMIN_PASSWORD']}")
    if postgres:
        table.add_row("Load days", *_days(settings))
        if stack.has_dbt_changed():
            table.add_row("dbt", "changed", "since `make up`; the next one says here what is computed anew, and why")
        for model, reason in _pending(settings).items():
            table.add_row("Rebuild", "next", f"{model}: {reason}")
        for load_date, source, kind, field, drift, detail in _drift(settings):
            table.add_row("Fields", drift, f"{field} of {source} {kind} on {load_date}: {detail}")
    console.print(table, soft_wrap=True)
    return postgres and all(running.values())


def psql(settings: Settings, role: str) -> None:
    """Become psql as `role`; SQL on a standard input that is no terminal stops at its first error."""
    if not settings.server.is_running():
        raise LocalError("PostgreSQL does not run.", "`make up` starts it.")
    warehouse = settings.warehouse
    address = {
        "PGHOST": warehouse.host,
        "PGPORT": str(warehouse.port),
        "PGDATABASE": warehouse.database,
        "PGUSER": role,
        "PGPASSWORD": warehouse.passwords[role],
    }
    options = [] if sys.stdin.isatty() else ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    os.execve(binaries() / "psql", ["psql", *options], {**os.environ, **address})


def _word(alive: bool) -> str:
    return "[green]runs[/]" if alive else "[red]stopped[/]"


def _pending(settings: Settings) -> dict[str, str]:
    """What the next build computes anew; the first build of a warehouse is not worth a word."""
    try:
        with closing(settings.warehouse.connect("reader")) as connection:
            pending = pending_rebuilds(connection)
    except psycopg2.Error:
        return {}
    return pending if set(pending.values()) != {"not built yet"} else {}


def _drift(settings: Settings) -> list[tuple]:
    """What has changed in the fields that landed, newest first."""
    try:
        with closing(settings.warehouse.connect("reader")) as connection, connection.cursor() as cursor:
            cursor.execute(DRIFT.read_text())
            return cursor.fetchall()
    except psycopg2.Error:
        return []


def _days(settings: Settings) -> tuple[str, str]:
    try:
        with closing(settings.warehouse.connect("reader")) as connection, connection.cursor() as cursor:
            cursor.execute(STATE.read_text())
            published, built, first, last, building = cursor.fetchone()
    except psycopg2.Error as error:
        return "[red]unknown[/]", str(error).strip()
    if not published:
        return "none", "`make demo` brings some"
    words = f"{published} published, {built} of them in the marts, {first} to {last}"
    return f"{built}/{published}", words + (f"; {building} builds" if building else "")
