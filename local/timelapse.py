"""`make timelapse`: switches the DAG `timelapse` on, at a factor, or off, and says what happens then."""

import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

from rich.console import Console
from rich.table import Table

from local.airflow_api import AirflowApi
from local.errors import LocalError
from local.runs import DAG as DAILY
from local.runs import Runs
from local.settings import Settings, timelapse_factor
from local.stack import Stack

FACTOR = 52.14  # 365 days in 7
DAG = "/dags/timelapse"


def factor_of(settings: Settings, wanted: str | None) -> float:
    """The factor that is asked for, else the one that is set, else `FACTOR`; 0 is off.

    Raises `LocalError` when it is none, when it is set elsewhere, or when there is no company to replay.
    """
    factor = timelapse_factor(wanted) if wanted else settings.timelapse_factor or FACTOR
    if "TIMELAPSE_FACTOR" in settings.given and settings.timelapse_factor != factor:
        raise LocalError(
            f"TIMELAPSE_FACTOR={settings['TIMELAPSE_FACTOR']} is set in .env or in the environment.",
            "Change it there, or take it away there.",
        )
    if factor and settings["GENERATE"].lower() != "true":
        raise LocalError("time-lapse replays the synthetic company, and GENERATE is not true.", "Set GENERATE=true.")
    return factor


def timelapse(settings: Settings, console: Console, *, today: date, factor: float) -> None:
    """Switch to the factor, and show what happens next."""
    before = settings.timelapse_factor
    if not before and not factor:
        console.print("Time-lapse is off.")
        return
    stack = Stack(settings)
    if factor != before:
        if before or stack.api().heartbeats():
            stack.up()
            _let_the_day_end(stack, console)
        stack = Stack(settings.keep({"TIMELAPSE_FACTOR": f"{factor:g}"}))
    stack.up()
    api = stack.api()
    _wait_for_schedules(api, factor)
    start = date.fromisoformat(settings["GENERATOR_START"])
    days = [start + timedelta(days=number) for number in range((today - start).days)]
    with closing(settings.warehouse.connect("reader")) as connection:
        missing = Runs(api, connection).missing(days)
    if factor:
        _pause(api, DAILY, DAG, paused=False)
        _show(stack, console, factor, days, missing)
    elif missing:
        days = "1 day is" if len(missing) == 1 else f"{len(missing)} days are"
        console.print(f"Time-lapse is off, and engagement_daily is paused: {days} not in the marts.")
        console.print("`make demo` brings them, and takes up the daily run.")
    else:
        _pause(api, DAILY, paused=False)
        console.print("Time-lapse is off: engagement_daily runs every day at 00:00 UTC.")


def _let_the_day_end(stack: Stack, console: Console) -> None:
    """Let no new day begin, and wait for the day that runs: Airflow will be started anew with other schedules."""
    api = stack.api()
    _pause(api, DAG, paused=True)
    with closing(stack.settings.warehouse.connect("reader")) as connection:
        runs = Runs(api, connection)
        if _schedules(api) and (active := runs.active()):
            console.print(f"Waiting until engagement_daily has ended: {active} on the way")
            while runs.active():
                stack.check()
                time.sleep(1)
    _pause(api, DAILY, paused=True)  # its schedule would run yesterday before the days that are due


def _pause(api: AirflowApi, *dags: str, paused: bool) -> None:
    """Pause or unpause those of the DAGs that Airflow has."""
    known = _schedules(api)
    for dag in dags:
        if dag in known:
            api.patch(dag, {"is_paused": paused})


def _schedules(api: AirflowApi) -> dict[str, str | None]:
    """The schedule of each DAG that there is, as Airflow words it."""
    return {f"/dags/{dag['dag_id']}": dag["timetable_summary"] for dag in api.get("/dags")["dags"]}


def _wait_for_schedules(api: AirflowApi, factor: float, seconds: float = 90) -> None:
    """Wait until Airflow has read the schedules that belong to this factor."""
    deadline = time.monotonic() + seconds
    while True:
        found = _schedules(api)
        if factor:
            ready = found.get(DAG) == str(timedelta(days=1) / factor) and not found.get(DAILY, "unknown")
        else:  # the DAG `timelapse` is paused; Airflow forgets it within two minutes
            ready = bool(found.get(DAILY))
        if ready:
            return
        if time.monotonic() > deadline:
            errors = api.get("/importErrors")["import_errors"]
            reason = errors[0]["stack_trace"] if errors else f"its schedules: {found}"
            raise LocalError(f"Airflow does not take up the factor {factor:g}:\n{reason}", "Mend it, then try again.")
        time.sleep(0.5)


def _show(stack: Stack, console: Console, factor: float, days: list[date], missing: list[date]) -> None:
    """The plan, and where to watch it."""
    settings, tick = stack.settings, timedelta(days=1) / factor
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("Time-lapse", f"a day of the company every {_words(tick)}, one by one")
    table.add_row(
        "In the marts", f"{len(days) - len(missing)} of {len(days)} days from {settings['GENERATOR_START']} on"
    )
    if missing:
        upcoming = stack.api().get(DAG)["next_dagrun_run_after"]
        table.add_row("Next day", f"{missing[0]}, " + ("now" if not upcoming else _moment(upcoming)))
    # While it replays them, more days pass in the real world.
    if missing and factor > 1:
        end = datetime.now(UTC) + len(missing) * timedelta(days=1) / (factor - 1)
        table.add_row("Ends", f"about {end:%Y-%m-%d %H:%M} UTC, if a day takes no longer than that to run")
    table.add_row("After the end", "a day comes when it is over")
    table.add_row(
        "Airflow", f"{settings.airflow_url}/dags/timelapse   login: admin / {settings['AIRFLOW_ADMIN_PASSWORD']}"
    )
    table.add_row("SQL", "echo 'select * from reporting.engagement_daily order by 1 desc limit 5' | make -s psql")
    table.add_row("Go on", "make up, after a stop or a reboot; make status says how far it is")
    table.add_row("Other pace, off", "make timelapse FACTOR=100, make timelapse FACTOR=0")
    console.print(table, soft_wrap=True)


def _words(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 90:
        return f"{seconds:.3g} seconds"
    return f"{seconds / 60:.1f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _moment(text: str) -> str:
    """Airflow's moment as `13:05 UTC`, or "now" when it has come."""
    moment = datetime.fromisoformat(text)
    return "now" if moment <= datetime.now(UTC) else f"{moment:%H:%M:%S} UTC"
