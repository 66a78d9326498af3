"""`make backfill`: one run of the DAG for a range of days, followed to its end."""

from contextlib import closing
from datetime import date

from rich.console import Console
from upath import UPath

from ingestion.days import days_between
from ingestion.service import landed_days, load_contracts
from local.errors import LocalError
from local.following import days_bar, show_failures, show_missing
from local.runs import Runs
from local.settings import Settings
from local.stack import Stack


def range_of(start: str | None, end: str | None, *, today: date) -> list[date]:
    """The days from `start` to `end`. Raises `LocalError` where they make no range of days that are over."""
    if not start or not end:
        raise LocalError("START or END is missing.", "make backfill START=2026-01-01 END=2026-03-31")
    try:
        days = days_between(start, end, own=today, today=today)
    except ValueError as error:
        what, _, remedy = str(error).partition("\nRemedy: ")
        raise LocalError(what, remedy) from error
    if days[-1] == today:
        raise LocalError(f"end {today} is not over yet.", "End with the day before; the run of tomorrow takes it.")
    return days


def backfill(settings: Settings, console: Console, days: list[date]) -> int:
    """Bring days into the marts by one run; gives the exit code. If a run for this range is queued or running, that
    run is followed.

    Raises `LocalError`, before anything starts, for days before anything landed.
    """
    begun = landed_days(UPath(settings.landing), load_contracts())
    company = ""
    if settings["GENERATE"].lower() == "true":
        begun = [*begun, date.fromisoformat(settings["GENERATOR_START"])]
        company = f"; the synthetic company lands files from {begun[-1]} on"
    early = [day for day in days if day < min(begun, default=date.max)]
    if early:
        raise LocalError(
            f"nothing has landed for {len(early)} of the days, {early[0]} to {early[-1]}, nor before{company}.",
            f"Land them in {settings.landing}/<source>/<YYYY-MM-DD>/, or choose other days.",
        )
    stack = Stack(settings)
    stack.up()
    with closing(settings.warehouse.connect("reader")) as connection:
        runs = Runs(stack.api(), connection)
        run_id, is_new = runs.trigger({"start": days[0].isoformat(), "end": days[-1].isoformat()})
        console.print(f"{run_id}{'' if is_new else ' is on its way: following it'}")
        with days_bar(runs, days, console) as show:
            succeeded, failed = runs.follow_run(run_id, lambda: show(runs.progress(days)))
        missing = runs.missing(days)
    if succeeded and not missing:
        several = f"{len(days)} days are in the marts, {days[0]} to {days[-1]}."
        console.print(several if len(days) > 1 else f"1 day is in the marts, {days[0]}.")
        return 0
    show_failures(failed, console)
    if missing:
        show_missing(missing, days, console)
    console.print(f"The same command tries again. Airflow: {settings.airflow_url}/dags/engagement_daily")
    return 1
