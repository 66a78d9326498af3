"""Days through Airflow, from the trigger to the marts: one by one, in a range run, and in a backfill."""

import statistics
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import psutil

from bench.road import days_from
from bench.scratch import scratch_stack
from local.airflow_api import midnight
from local.processes import Program
from local.runs import ACTIVE_RUNS, DAG, Runs
from local.stack import Stack

Say = Callable[[str], None]
DEFAULT_ACTIVE_RUNS = 10  # what Airflow's backfill form offers


@dataclass(frozen=True)
class AirflowDays:
    """Seconds.

    Attributes:
        start: from nothing to a stack that answers, Python packages installed.
        first: the first run after the start, on an empty warehouse.
        warm: the median of the runs after it.
        tasks: how many tasks a run has that build tables, each those of a topic.
        cpu: seconds of CPU of the scheduler and its tasks while tables are built; PostgreSQL's is not in it. The median
            of the runs after the first.
    """

    start: float
    first: float
    warm: float
    tasks: int
    cpu: float


@dataclass(frozen=True)
class AirflowRanges:
    """Seconds for `days` days on an empty warehouse, landing included: one range run, and native backfills.

    `backfills` is by the number of active runs.
    """

    days: int
    range_run: float
    backfills: dict[int, float]


def measure(say: Say, days: int = 4, *, stock: bool = False) -> AirflowDays:
    """Run `days` load days, one after the other, each topic a task of its own; at least two.

    `stock`: as Airflow and Cosmos come, with nothing imported before a task starts.
    """
    first_day = datetime.now(UTC).date() - timedelta(days=days)
    with scratch_stack(warm=not stock, GENERATOR_START=first_day.isoformat()) as stack:
        began = time.monotonic()
        stack.up()
        start = time.monotonic() - began
        say(f"the {'stock ' if stock else ''}stack is up after {start:.0f} s")
        with cpu_of(stack.programs()["scheduler"]) as cpu:
            # When the DAG is no longer paused, its own run of yesterday starts at once. That is the first run,
            # and nothing runs beside it.
            began = time.monotonic()
            stack.api().patch(DAG, {"is_paused": False})
            while not (runs := stack.api().get(f"{DAG}/dagRuns")["dag_runs"]):
                time.sleep(0.2)
            first = _end(stack, runs[0]["dag_run_id"], began)
            say(f"the first day through Airflow: {first:.0f} s")
            taken, spent = [], []
            for day in days_from(first_day, days - 1):
                run_id, seconds = _run(stack, day, day)
                tasks = _building(stack, run_id)
                taken.append(seconds)
                spent.append(cpu.between(min(tasks)[0], max(end for _, end in tasks)))
                say(f"one more day through Airflow: {seconds:.0f} s; {spent[-1]:.1f} s of CPU for {len(tasks)} tasks")
    return AirflowDays(start, first, statistics.median(taken), len(tasks), statistics.median(spent))


def measure_ranges(say: Say, days: int) -> AirflowRanges:
    """The same days as one range run, and as backfills with a run for each day; each on a stack of its own."""
    last_day = datetime.now(UTC).date() - timedelta(days=1)
    first_day = last_day - timedelta(days=days - 1)
    with scratch_stack(GENERATOR_START=first_day.isoformat()) as stack:
        stack.up()
        with closing(stack.settings.warehouse.connect("reader")) as connection:
            Runs(stack.api(), connection).wait_for_dag()
        stack.api().patch(DAG, {"is_paused": False})
        _, range_run = _run(stack, first_day, last_day)
        say(f"{days} days in one range run: {range_run:.0f} s")
    backfills = {}
    for active_runs in sorted({DEFAULT_ACTIVE_RUNS, ACTIVE_RUNS}):
        with scratch_stack(GENERATOR_START=first_day.isoformat()) as stack:
            stack.up()
            backfills[active_runs] = _backfill(stack, days_from(first_day, days), active_runs)
            say(f"{days} days as a backfill with {active_runs} active runs: {backfills[active_runs]:.0f} s")
    return AirflowRanges(days, range_run, backfills)


@dataclass
class Cpu:
    """What a program and all that it started have used, over time: (seconds since 1970, CPU seconds)."""

    looks: list[tuple[float, float]] = field(default_factory=list)

    def between(self, start: float, end: float) -> float:
        """CPU seconds from one moment to another, as exactly as the looks tell."""

        def at(moment: float) -> float:
            return self.looks[min(bisect_left(self.looks, (moment,)), len(self.looks) - 1)][1]

        return at(end) - at(start)


@contextmanager
def cpu_of(program: Program, *, every: float = 0.25) -> Iterator[Cpu]:
    """Look at the CPU time of a running program every so many seconds, while the block runs."""
    cpu, ended = Cpu(), threading.Event()

    def watch() -> None:
        leader = psutil.Process(program.pid)
        while not ended.wait(every):
            spent = 0.0
            with suppress(psutil.NoSuchProcess):
                for process in (leader, *leader.children(recursive=True)):
                    with suppress(psutil.NoSuchProcess):
                        spent += sum(process.cpu_times()[:4])  # its own, and its dead children's
                # The CPU time of a process that died between two looks is counted with its parent.
                cpu.looks.append((time.time(), max(spent, cpu.looks[-1][1] if cpu.looks else 0.0)))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield cpu
    finally:
        ended.set()
        watcher.join()


def _building(stack: Stack, run_id: str) -> list[tuple[float, float]]:
    """When each task that builds tables of a run began and ended, in seconds since 1970."""
    tasks = stack.api().get(f"{DAG}/dagRuns/{run_id}/taskInstances", limit=1000)["task_instances"]
    return [
        (datetime.fromisoformat(task["start_date"]).timestamp(), datetime.fromisoformat(task["end_date"]).timestamp())
        for task in tasks
        if task["task_id"].startswith("models.") and task["state"] == "success"
    ]


def _backfill(stack: Stack, days: list[date], active_runs: int) -> float:
    """Seconds from the start of the backfill until no run is left. Raises when a day is missing in the end.

    The last of the days, yesterday, is not in the backfill: its scheduled run comes while that is on its way.
    """
    body = {
        "dag_id": "engagement_daily",
        "from_date": midnight(days[0]),
        "to_date": midnight(days[-2]),
        "max_active_runs": active_runs,
        "reprocess_behavior": "none",
    }
    with closing(stack.settings.warehouse.connect("reader")) as connection:
        runs = Runs(stack.api(), connection)
        runs.wait_for_dag()
        since, began = datetime.now(UTC), time.monotonic()
        stack.api().post("/backfills", body)
        stack.api().patch(DAG, {"is_paused": False})
        failed = runs.follow(days, lambda _: None, since=since)
        taken = time.monotonic() - began
        if failed or runs.missing(days):
            raise RuntimeError(f"the backfill left {len(runs.missing(days))} days; failed: {failed[:3]}")
        return taken


def _run(stack: Stack, first: date, last: date) -> tuple[str, float]:
    """Trigger a run; gives its id, and the seconds to its end. Raises when it is not green."""
    api = stack.api()
    began = time.monotonic()
    conf = {"start": first.isoformat(), "end": last.isoformat()}
    run_id = api.post(f"{DAG}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]
    return run_id, _end(stack, run_id, began)


def _end(stack: Stack, run_id: str, began: float) -> float:
    """Seconds from `began` to the end of a run. Raises when it is not green."""
    while True:
        state = stack.api().get(f"{DAG}/dagRuns/{run_id}")["state"]
        if state == "success":
            return time.monotonic() - began
        if state == "failed":
            raise RuntimeError(f"the run {run_id} failed; its logs are in {stack.settings.local}")
        time.sleep(0.2)
