"""Tells people what the DAG `watch` cannot: PostgreSQL or Airflow stands still, or a disk is nearly full.

A process of its own that needs neither of them: what it has said lies in a file.
"""

import json
import logging
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg2

from alerts.channel import Channel, NotSent
from alerts.service import RECOVERED
from ingestion.warehouse import ConfigurationError, Warehouse

log = logging.getLogger(__name__)
LOOK_EVERY = 15.0  # seconds
PROGRAMS = ("scheduler", "dag_processor", "triggerer")
EASED = 1.1  # so much more has to be free until it is over: a file more or less sends no message


@dataclass(frozen=True)
class Watched:
    """Something that is looked at.

    Attributes:
        patience: so many looks in a row must find it wrong. PostgreSQL starts in seconds, Airflow in a minute.
        check: what is wrong, in words; None when all is well. It is told whether people know of it already.
        hides: while it is wrong, what follows cannot be well, and is not looked at.
    """

    title: str
    patience: int
    check: Callable[[bool], str | None]
    means: str
    remedy: str
    look: str
    hides: bool = False


def watched(environ: Mapping[str, str], folders: Sequence[Path]) -> tuple[Watched, ...]:
    """What is looked at: the disks of the folders, the warehouse, and Airflow, which needs the warehouse's server.

    Raises `ConfigurationError` when a setting is missing or wrong.
    """
    api = environ.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:8080/execution/")
    return (
        Watched(
            "A disk is nearly full",
            1,
            partial(disk_trouble, folders, free_gigabytes(environ)),
            "when it is full, PostgreSQL stops, and every run fails. Nothing is lost.",
            "free room there or give it more. Old backups (`.local/backups`), and what KEEP_LOGS_DAYS and"
            " KEEP_HISTORY_DAYS keep, go first. DISK_FREE_GB says below how much this is told.",
            "`df -h`; *Size by schema* on the operations dashboard.",
        ),
        Watched(
            "The warehouse does not answer",
            3,
            partial(warehouse_trouble, Warehouse.from_environment(environ)),
            "no day is loaded, no dashboard answers, and Airflow, whose own tables are there, stands still. Nothing is"
            " lost.",
            "`make up` (with compose `docker compose up --detach`) starts what is missing. Tasks that were running are"
            " tried again; clear those that failed.",
            "PostgreSQL's log, which `make status` names (`docker compose logs postgres`).",
            hides=True,
        ),
        Watched(
            "Airflow stands still",
            10,
            partial(airflow_trouble, api.replace("/execution/", "/api/v2/monitor/health")),
            "no run begins or goes on, and late days are not told. What is in the marts is right.",
            "`make up` (with compose `docker compose up --detach`) starts what is missing; the runs go on.",
            "the log of that program, which `make status` names (`docker compose logs scheduler`).",
        ),
    )


def free_gigabytes(environ: Mapping[str, str]) -> float:
    """`DISK_FREE_GB`; 0 is never. Raises `ConfigurationError` when it is no number."""
    text = environ.get("DISK_FREE_GB") or "5"
    try:
        if (wanted := float(text)) >= 0:
            return wanted
    except ValueError:
        pass
    raise ConfigurationError(
        f"DISK_FREE_GB={text} is no number of gigabytes.\nRemedy: write it as 5: less free room than that is told."
    )


def disk_trouble(folders: Sequence[Path], wanted: float, known: bool) -> str | None:
    """Which disks of the folders have less than `wanted` GB free."""
    limit = wanted * (EASED if known else 1)
    disks = {folder.stat().st_dev: folder for folder in reversed(folders) if folder.exists()}
    free = {folder: shutil.disk_usage(folder).free / 1e9 for folder in disks.values()}
    low = [f"{left:.1f} GB are free on the disk of {folder}" for folder, left in free.items() if left < limit]
    return "; ".join(low) or None


def warehouse_trouble(warehouse: Warehouse, known: bool) -> str | None:
    try:
        with closing(warehouse.connect("reader")) as connection, connection.cursor() as cursor:
            cursor.execute("select 1")
    except psycopg2.Error as error:
        return str(error).strip()
    return None


def airflow_trouble(health: str, known: bool) -> str | None:
    """Which of Airflow's programs have not reported in."""
    try:
        with urlopen(health, timeout=10) as answer:
            found = json.load(answer)
    except (URLError, OSError, ValueError) as error:
        return f"its API server does not answer: {error}"
    silent = [name for name in PROGRAMS if (found.get(name) or {}).get("status") != "healthy"]
    return f"{', '.join(silent)} did not report in" if silent else None


@dataclass
class Guard:
    """Remembers what was said. `memory` is the file that keeps it, so that its end is said after a restart, too."""

    channel: Channel
    watched: Sequence[Watched]
    memory: Path
    _looks: dict[str, list[datetime]] = field(default_factory=dict)  # those in a row that found it wrong

    def __post_init__(self) -> None:
        try:
            self._known: dict[str, str] = json.loads(self.memory.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            self._known = {}

    def look(self, now: datetime | None = None) -> list[str]:
        """Look once and say what is new or over; gives the titles that were sent."""
        now = now or datetime.now(UTC)
        known, sent = self._known, []
        for each in self.watched:
            wrong = each.check(each.title in known)
            if wrong is None:
                self._looks.pop(each.title, None)
                if each.title in known:
                    body = f"Since: {known[each.title]} UTC\nUntil: {_moment(now)} UTC\nWhat to do: nothing more here."
                    if self._send(f"{RECOVERED}{each.title}", body):
                        del known[each.title]
                        sent.append(f"{RECOVERED}{each.title}")
                continue
            looks = self._looks.setdefault(each.title, [])
            looks.append(now)
            if each.title not in known and len(looks) >= each.patience:
                since = _moment(looks[0])
                body = [
                    f"What: {wrong}",
                    f"Since: {since} UTC",
                    f"It means: {each.means}",
                    f"What to do: {each.remedy}",
                    f"Where to look: {each.look}",
                ]
                if self._send(each.title, "\n".join(body)):
                    known[each.title] = since
                    sent.append(each.title)
            if each.hides:
                break
        try:
            self.memory.write_text(json.dumps(known))  # at each look: its time says that somebody looks
        except OSError as error:  # such as a full disk
            log.error("What was said could not be kept: %s", error)
        return sent

    def _send(self, title: str, body: str) -> bool:
        log.warning("%s\n%s", title, body)
        try:
            self.channel.send(title, body)
        except NotSent as error:
            log.error("The message %r could not be sent; the next look tries again: %s", title, error)
            return False
        return True


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def guard(environ: Mapping[str, str], channel: Channel, folders: Sequence[Path]) -> None:
    """Look again and again, until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    one = Guard(channel, watched(environ, folders), Path(environ.get("AIRFLOW_HOME", ".")) / "guard.json")
    log.info("Looking every %g seconds", LOOK_EVERY)
    while True:
        try:
            one.look()
        except Exception:
            log.exception("This look failed; the next one comes")
        time.sleep(LOOK_EVERY)
