"""`make demo`: the stack, a synthetic company, its days through Airflow, and what came out."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table
from upath import UPath

from ingestion.contract_yaml import load_contracts
from ingestion.service import landed_days
from local.bring_in import bring_in
from local.errors import LocalError
from local.following import days_bar, show_failures, show_missing
from local.runs import Runs
from local.stack import Stack

KPI_DAYS = 10


def demo(stack: Stack, console: Console, *, today: date, extra: Path | None) -> int:
    """Bring every day up to yesterday into the marts; only what is missing. Gives the exit code.

    Args:
        extra: a folder `<source>/<YYYY-MM-DD>/<file>` whose files are landed, too.
    """
    settings = stack.settings
    if settings.timelapse_factor:
        raise LocalError(
            "time-lapse is on, and brings the days one by one.", "`make timelapse FACTOR=0`, then `make demo`."
        )
    landing = UPath(settings.landing)
    landing.mkdir(parents=True, exist_ok=True)
    generated = settings["GENERATE"].lower() == "true"
    start = date.fromisoformat(settings["GENERATOR_START"])
    brought = bring_in(extra, landing, company_from=start if generated else None) if extra else []
    days = set(landed_days(landing, load_contracts()))
    if generated:
        days |= {start + timedelta(days=number) for number in range((today - start).days)}
    for day in sorted(day for day in days if day >= today):
        console.print(f"{day} is not over yet: its files wait for the run of the next day", style="yellow")
    wanted = sorted(day for day in days if day < today)
    if not wanted:
        raise LocalError("there is no day to run.", "Land files with LANDING=dir, or set GENERATE=true.")

    stack.up()
    with closing(settings.warehouse.connect("reader")) as connection:
        failed = _run(stack, Runs(stack.api(), connection), console, wanted, brought)
        if failed:
            return 1
    _show_kpis(stack, console)
    _show_addresses(stack, console)
    return 0


def _run(stack: Stack, through: Runs, console: Console, wanted: list[date], brought: list[date]) -> bool:
    """Run what is missing of the wanted days with a progress bar; gives whether something failed."""
    begun = datetime.now(UTC)
    if through.active():
        console.print("Runs of an earlier start are on their way: following them first.")
    with days_bar(through, wanted, console) as show:
        failed = through.follow(wanted, show, since=begun)
        if missing := sorted({*through.missing(wanted), *_with_new_files(stack, through, wanted, brought)}):
            through.start(missing)
            failed = through.follow(wanted, show, since=begun)
    missing = through.missing(wanted)
    if not missing:
        return False
    show_failures(failed, console)
    show_missing(missing, wanted, console)
    console.print(f"`make demo` tries them again. Airflow: {stack.settings.airflow_url}/dags/engagement_daily")
    return True


def _with_new_files(stack: Stack, through: Runs, wanted: list[date], brought: list[date]) -> list[date]:
    """Days that are in the marts, but without some of the files that were brought in for them."""
    landing = UPath(stack.settings.landing)
    days = sorted(set(wanted) & set(brought))
    read = through.published_files(days)
    return [
        day
        for day in days
        for source in landing.iterdir()
        if (source / str(day)).is_dir()
        for file in (source / str(day)).iterdir()
        if not file.name.startswith(("_", ".")) and f"{source.name}/{day}/{file.name}" not in read
    ]


def _show_kpis(stack: Stack, console: Console) -> None:
    """The last days of the engagement mart, as an analyst reads them."""
    query = (Path(__file__).parent / "sql" / "kpis.sql").read_text()
    with closing(stack.settings.warehouse.connect("reader")) as connection, connection.cursor() as cursor:
        cursor.execute(query, {"days": KPI_DAYS})
        rows, columns = cursor.fetchall(), [column.name for column in cursor.description]
    table = Table(title=f"The last {len(rows)} days", title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column == columns[0] else "right", no_wrap=True)
    for row in reversed(rows):
        table.add_row(*map(cell, row))
    console.print(table)


def cell(value: date | int | Decimal | None) -> str:
    """A value as a person reads it; a share of nobody is none."""
    if value is None:
        return "–"
    return str(value) if isinstance(value, date) else f"{value:,}"


def _show_addresses(stack: Stack, console: Console) -> None:
    settings = stack.settings
    table = Table(show_header=False, box=None, padding=(0, 2))
    login = f"admin / {settings['AIRFLOW_ADMIN_PASSWORD']}"
    table.add_row("Airflow", f"{settings.airflow_url}/dags/engagement_daily   login: {login}")
    table.add_row("Report", str(stack.build_report()))
    table.add_row("Data Docs", str(stack.build_data_docs()))
    table.add_row("dbt docs", str(stack.build_dbt_docs()))
    table.add_row("SQL", "make psql   or   echo 'select * from reporting.engagement_daily' | make -s psql")
    console.print(table, soft_wrap=True)
