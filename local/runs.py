"""Runs load days through `engagement_daily`, and follows them until they are through."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection

from alerts.remedies import remedy
from local.airflow_api import AirflowApi, midnight
from local.errors import LocalError

DAG = "/dags/engagement_daily"
SQL = Path(__file__).parent / "sql"
ACTIVE_RUNS = 32  # a run that waits in `claim` holds no worker, and one build takes the days of all runs that wait
OF_ONE_DAY = ("generate", "load", "validate", "publish")  # a failure there concerns the days of its run only


@dataclass(frozen=True)
class Progress:
    """How far the days are: published, in the marts, and the lines that were loaded, held back and skipped."""

    published: int
    built: int
    loaded: int
    quarantined: int
    skipped: int


@dataclass(frozen=True)
class FailedTask:
    """A task that failed, the last lines of its log, and what the DAG's documentation says to do."""

    run_id: str
    task_id: str
    log: str
    remedy: str


class Runs:
    """The runs of the DAG, by Airflow's API; the days, by the warehouse.

    Args:
        connection: to the warehouse, as any role that reads `ops`.
    """

    def __init__(self, api: AirflowApi, connection: Connection) -> None:
        self._api, self._connection = api, connection

    def progress(self, days: Sequence[date]) -> Progress:
        return Progress(*self._query("progress", days)[0])

    def missing(self, days: Sequence[date]) -> list[date]:
        """Those of the days that are not in the marts as they were published last."""
        built = {day for (day,) in self._query("built_days", days)}
        return [day for day in sorted(days) if day not in built]

    def published_files(self, days: Sequence[date]) -> set[str]:
        """The files that were read for the days as they are published, as paths below the landing area."""
        return {path for (path,) in self._query("published_files", days)}

    def active(self) -> int:
        """How many runs are queued or running."""
        return self._api.get(f"{DAG}/dagRuns", state=["queued", "running"], limit=1)["total_entries"]

    def wait_for_dag(self, seconds: float = 60) -> None:
        """Wait until Airflow has read the DAG. Raises `LocalError` with the import error if it cannot."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._api.get(DAG)
                return
            except LocalError as error:
                if time.monotonic() > deadline:
                    errors = self._api.get("/importErrors")["import_errors"]
                    reason = errors[0]["stack_trace"] if errors else str(error)
                    raise LocalError(
                        f"Airflow does not know the DAG engagement_daily:\n{reason}", "Mend it."
                    ) from error
            time.sleep(0.5)

    def start(self, days: Sequence[date]) -> None:
        """Start runs for the days: a backfill for the longest stretch of them, a range run for each of the others."""
        self.wait_for_dag()
        stretches = sorted(_stretches(days), key=len, reverse=True)
        if stretches:
            self._backfill(stretches[0])
        for stretch in stretches[1:]:
            conf = {"start": stretch[0].isoformat(), "end": stretch[-1].isoformat()}
            self._api.post(f"{DAG}/dagRuns", {"logical_date": None, "conf": conf})
        # Last, because Airflow makes the daily run at once when a DAG is no longer paused.
        self._api.patch(DAG, {"is_paused": False})

    def trigger(self, conf: dict[str, Any]) -> tuple[str, bool]:
        """Start a run with these parameters, unless one is on its way; gives its id, and whether it is new."""
        self.wait_for_dag()
        for run in self._api.get(f"{DAG}/dagRuns", state=["queued", "running"], limit=1000)["dag_runs"]:
            if conf.items() <= (run["conf"] or {}).items():
                return run["dag_run_id"], False
        run_id = self._api.post(f"{DAG}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]
        self._api.patch(DAG, {"is_paused": False})
        return run_id, True

    def follow_run(self, run_id: str, show: Callable[[], None]) -> tuple[bool, list[FailedTask]]:
        """Call `show` about every second until the run is over; gives whether it succeeded, and what failed."""
        looks = 0
        while True:
            looks += 1
            try:
                state = self._api.get(f"{DAG}/dagRuns/{run_id}")["state"]
                show()
            except (LocalError, psycopg2.Error):
                time.sleep(1)  # a program that has died is noticed a moment later
                self._api.check()  # its message names the program
                raise
            if state not in ("queued", "running"):
                return state == "success", self._failed_tasks(run_id)
            if looks % 5 == 0:
                self._api.check()
            time.sleep(1)

    def building(self) -> tuple[str | None, int]:
        """Who builds, if anybody, and how many days."""
        return self._query("building", [])[0]

    def follow(self, days: Sequence[date], show: Callable[[Progress], None], *, since: datetime) -> list[FailedTask]:
        """Call `show` about every second until no run of the DAG is left, and give the tasks that failed `since`.

        When a build fails, all runs that wait are cancelled: each of them would build the same days, and fail like it.
        """
        looks = 0
        while True:
            looks += 1
            try:
                active = self.active()
                show(self.progress(days))
            except (LocalError, psycopg2.Error):
                time.sleep(1)  # a program that has died is noticed a moment later
                self._api.check()  # its message names the program
                raise
            failed = self._failed(since) if not active or looks % 5 == 0 else []
            if not active:
                return failed
            if any(not task.task_id.startswith(OF_ONE_DAY) for task in failed):
                self._cancel()
                return failed
            if looks % 5 == 0:
                self._api.check()
            time.sleep(1)

    def _failed(self, since: datetime) -> list[FailedTask]:
        runs = self._api.get(f"{DAG}/dagRuns", state="failed", end_date_gte=since.isoformat(), limit=100)["dag_runs"]
        return [task for run_id in sorted(run["dag_run_id"] for run in runs) for task in self._failed_tasks(run_id)]

    def _failed_tasks(self, run_id: str) -> list[FailedTask]:
        tasks = self._api.get(f"{DAG}/dagRuns/{run_id}/taskInstances", state="failed")["task_instances"]
        found = []
        for task in tasks:
            log = self._log(run_id, task["task_id"], task["try_number"])
            found.append(FailedTask(run_id, task["task_id"], log, self._remedy(task["task_id"])))
        return found

    def _backfill(self, days: Sequence[date]) -> None:
        body = {
            "dag_id": "engagement_daily",
            "from_date": midnight(days[0]),
            "to_date": midnight(days[-1]),
            "max_active_runs": ACTIVE_RUNS,
            "reprocess_behavior": "completed",  # these days are missing, even where their former runs succeeded
        }
        for _ in range(90):  # Airflow notices only every 30 seconds that a backfill is complete
            backfills = self._api.get("/backfills", dag_id="engagement_daily")["backfills"]
            if all(backfill["completed_at"] for backfill in backfills):
                break
            time.sleep(1)
        self._api.post("/backfills", body)

    def _cancel(self) -> None:
        """End the backfill and every run; the days that are published stay so."""
        for backfill in self._api.get("/backfills", dag_id="engagement_daily")["backfills"]:
            if not backfill["completed_at"]:
                self._api.put(f"/backfills/{backfill['id']}/cancel")
        for run in self._api.get(f"{DAG}/dagRuns", state=["queued", "running"], limit=1000)["dag_runs"]:
            self._api.patch(f"{DAG}/dagRuns/{run['dag_run_id']}", {"state": "failed"})

    def _log(self, run_id: str, task_id: str, attempt: int, lines: int = 15) -> str:
        content = self._api.get(f"{DAG}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{attempt}")["content"]
        events: list[str] = []
        for line in content:
            if not isinstance(line, dict):
                events.append(str(line))
                continue
            events.append(str(line.get("event", "")))
            events += [f"{error['exc_type']}: {error['exc_value']}" for error in line.get("error_detail") or []]
        return "\n".join("\n".join(events).splitlines()[-lines:])

    def _remedy(self, task_id: str) -> str:
        return remedy(self._api.get(f"{DAG}/details")["doc_md"], task_id)

    def _query(self, name: str, days: Sequence[date]) -> list[tuple]:
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute((SQL / f"{name}.sql").read_text(), {"days": list(days)})
            return cursor.fetchall()


def _stretches(days: Sequence[date]) -> list[list[date]]:
    """The days in groups without gaps, in order."""
    stretches: list[list[date]] = []
    for day in sorted(days):
        if stretches and day - stretches[-1][-1] == timedelta(days=1):
            stretches[-1].append(day)
        else:
            stretches.append([day])
    return stretches
