"""One day through Airflow, from the trigger to the marts: the first after a start, and the next ones."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bench.scratch import scratch_stack
from local.runs import DAG
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


def measure(say: Say, days: int = 4) -> AirflowDays:
    """Run `days` load days, one after the other, each model a task of its own."""
    first_day = datetime.now(UTC).date() - timedelta(days=days)
    with scratch_stack(GENERATOR_START=first_day.isoformat()) as stack:
        began = time.monotonic()
        stack.up()
        start = time.monotonic() - began
        say(f"the stack is up after {start:.0f} s")
        stack.api().patch(DAG, {"is_paused": False})
        taken = []
        for number in range(days):
            taken.append(_run(stack, first_day + timedelta(days=number)))
            say(f"day {number + 1} of {days} through Airflow: {taken[-1]:.0f} s")
        with stack.settings.warehouse.connect("reader") as connection, connection.cursor() as cursor:
            cursor.execute("select avg(loaded) from ops.load where status = 'published'")
            rows = float(cursor.fetchone()[0])
    return AirflowDays(start, taken[0], statistics.median(taken[1:]), rows)


def _run(stack: Stack, day: date) -> float:
    """Seconds from the trigger of a run for one day to its end. Raises when it is not green."""
    api = stack.api()
    began = time.monotonic()
    conf = {"start": day.isoformat(), "end": day.isoformat()}
    run_id = api.post(f"{DAG}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]
    while True:
        state = api.get(f"{DAG}/dagRuns/{run_id}")["state"]
        if state == "success":
            return time.monotonic() - began
        if state == "failed":
            raise RuntimeError(f"the run {run_id} failed; its logs are in {stack.settings.local}")
        time.sleep(0.2)
