"""Days through Airflow, from the trigger to the marts: one by one, in a range run, and in a backfill."""

import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bench.road import days_from
from bench.scratch import scratch_stack
from local.runs import DAG, Runs
from local.stack import Stack

Say = Callable[[str], None]


@dataclass(frozen=True)
class AirflowDays:
    """Seconds.

    Attributes:
        start: from nothing to a stack that answers, Python packages installed.
        first: the first run after the start, on an empty warehouse.
        warm: the median of the runs after it.
        rows: rows loaded per day, on average.
    """

    start: float
    first: float
    warm: float
    rows: float


@dataclass(frozen=True)
class AirflowRanges:
    """Seconds for `days` days on an empty warehouse, landing included: one range run, and a native backfill."""

    days: int
    range_run: float
    backfill: float


def measure(say: Say, days: int = 4, *, stock: bool = False) -> AirflowDays:
    """Run `days` load days, one after the other, each model a task of its own; at least two.

    `stock`: as Airflow and Cosmos come, with nothing imported before a task starts.
    """
    first_day = datetime.now(UTC).date() - timedelta(days=days)
    with scratch_stack(warm=not stock, GENERATOR_START=first_day.isoformat()) as stack:
        began = time.monotonic()
        stack.up()
        start = time.monotonic() - began
        say(f"the {'stock ' if stock else ''}stack is up after {start:.0f} s")
        # The DAG's own run of yesterday comes as soon as it is not paused. It is the first; no other runs beside it.
        began = time.monotonic()
        stack.api().patch(DAG, {"is_paused": False})
        while not (runs := stack.api().get(f"{DAG}/dagRuns")["dag_runs"]):
            time.sleep(0.2)
        taken = [_end(stack, runs[0]["dag_run_id"], began)]
        say(f"the first day through Airflow: {taken[0]:.0f} s")
        for number in range(days - 1):
            day = first_day + timedelta(days=number)
            taken.append(_run(stack, day, day))
            say(f"one more day through Airflow: {taken[-1]:.0f} s")
        with stack.settings.warehouse.connect("reader") as connection, connection.cursor() as cursor:
            cursor.execute("select avg(loaded) from ops.load where status = 'published'")
            rows = float(cursor.fetchone()[0])
    return AirflowDays(start, taken[0], statistics.median(taken[1:]), rows)


def measure_ranges(say: Say, days: int) -> AirflowRanges:
    """The same days as one range run, and as a backfill with a run for each day; each on a stack of its own."""
    last_day = datetime.now(UTC).date() - timedelta(days=1)
    first_day = last_day - timedelta(days=days - 1)
    with scratch_stack(GENERATOR_START=first_day.isoformat()) as stack:
        stack.up()
        stack.api().patch(DAG, {"is_paused": False})
        range_run = _run(stack, first_day, last_day)
        say(f"{days} days in one range run: {range_run:.0f} s")
    with scratch_stack(GENERATOR_START=first_day.isoformat()) as stack:
        stack.up()
        backfill = _backfill(stack, days_from(first_day, days))
        say(f"{days} days as a backfill: {backfill:.0f} s")
    return AirflowRanges(days, range_run, backfill)


def _backfill(stack: Stack, days: list[date]) -> float:
    """Seconds from the start of the backfill until no run is left. Raises when a day is missing in the end."""
    with closing(stack.settings.warehouse.connect("reader")) as connection:
        runs = Runs(stack.api(), connection)
        since, began = datetime.now(UTC), time.monotonic()
        runs.start(days)
        failed = runs.follow(days, lambda _: None, since=since)
        taken = time.monotonic() - began
        if failed or runs.missing(days):
            raise RuntimeError(f"the backfill left {len(runs.missing(days))} days; failed: {failed[:3]}")
        return taken


def _run(stack: Stack, first: date, last: date) -> float:
    """Seconds from the trigger of a run to its end. Raises when it is not green."""
    api = stack.api()
    began = time.monotonic()
    conf = {"start": first.isoformat(), "end": last.isoformat()}
    run_id = api.post(f"{DAG}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]
    return _end(stack, run_id, began)


def _end(stack: Stack, run_id: str, began: float) -> float:
    """Seconds from `began` to the end of a run. Raises when it is not green."""
    while True:
        state = stack.api().get(f"{DAG}/dagRuns/{run_id}")["state"]
        if state == "success":
            return time.monotonic() - began
        if state == "failed":
            raise RuntimeError(f"the run {run_id} failed; its logs are in {stack.settings.local}")
        time.sleep(0.2)
