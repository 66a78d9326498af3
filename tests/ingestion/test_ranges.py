"""Days that are loaded by several processes, and published some at a time, are what they are one by one."""

import datetime
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from ingestion import publishing
from ingestion.errors import LoadError
from ingestion.service import load_days, publish_day, publish_days
from ingestion.warehouse import Warehouse
from tests.ingestion.helpers import DAY, Landing, event

DAYS = [DAY + datetime.timedelta(days=number) for number in range(6)]
ROOT = Path(__file__).resolve().parents[2]


def land(landing: Landing, days: list[datetime.date] = DAYS) -> None:
    """A day each with events of its own, one of them twice, and a line that is held back."""
    for day in days:
        events = [event(number, event_id=f"{day}/{number}", ts=f"{day}T10:00:00Z") for number in (1, 2, 2)]
        landing.events(*events, b"{", day=day)


def staged(landing: Landing) -> list[datetime.date]:
    return [day for (day,) in landing.query("select load_date from ops.load where status = 'staged' order by 1")]


@pytest.mark.parametrize("workers", [1, 3])
def test_every_day_is_loaded_and_told_in_order(landing: Landing, warehouse: Warehouse, workers: int):
    land(landing)
    loaded = list(load_days(warehouse, landing.path, DAYS, workers=workers))
    assert [day.load_date for day in loaded] == DAYS == staged(landing)
    assert {(day.lines_read, day.loaded, day.duplicates, day.quarantined) for day in loaded} == {(4, 2, 1, 1)}
    assert list(publish_days(landing.connection, DAYS)) == DAYS
    assert landing.query("select count(*) from raw.user_events") == [(12,)]
    assert all(day.unchanged for day in load_days(warehouse, landing.path, DAYS, workers=workers))


@pytest.mark.parametrize("workers", [1, 3])
def test_days_that_cannot_be_loaded_keep_no_other_from_it(landing: Landing, warehouse: Warehouse, workers: int):
    land(landing)
    landing.put("what.txt", b"", day=DAYS[1])
    landing.put("events-ios.ndjson.gz", b"\x1f\x8bnot gzip", day=DAYS[4])
    (landing.path / "app" / str(DAYS[4]) / "events-ios.ndjson.gz").write_bytes(b"\x1f\x8bno gzip")
    told = []
    with pytest.raises(LoadError) as error:
        told.extend(load_days(warehouse, landing.path, DAYS, workers=workers))
    assert staged(landing) == [DAYS[0], DAYS[2], DAYS[3], DAYS[5]]
    message = str(error.value)
    assert message.startswith("2 of 6 days cannot be loaded; the others are loaded.\n")
    assert message.index(f"{DAYS[1]}/what.txt matches no pattern") < message.index(f"{DAYS[4]}/events-ios.ndjson.gz is")


def test_one_day_alone_fails_in_its_own_words(landing: Landing, warehouse: Warehouse):
    landing.put("what.txt", b"")
    with pytest.raises(LoadError, match="^[^ ]*what.txt matches no pattern"):
        list(load_days(warehouse, landing.path, [DAY]))


def test_a_lost_database_is_told_at_once(landing: Landing, warehouse: Warehouse):
    land(landing)
    nowhere = Warehouse(warehouse.host, 1, warehouse.database, warehouse.passwords)
    with pytest.raises(psycopg2.OperationalError):
        list(load_days(nowhere, landing.path, DAYS, workers=3))


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_parent_ends_the_workers(landing: Landing, warehouse: Warehouse, sent: signal.Signals):
    days = [DAY + datetime.timedelta(days=number) for number in range(300)]
    land(landing, days)
    program = (
        "import os, sys, datetime\n"
        "from ingestion.service import load_days\n"
        "from ingestion.warehouse import Warehouse\n"
        "days = [datetime.date.fromisoformat(day) for day in sys.argv[2:]]\n"
        "for day in load_days(Warehouse.from_environment(os.environ), sys.argv[1], days, workers=2):\n"
        "    print(day, flush=True)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(landing.path), *map(str, days)],
        cwd=ROOT,
        env={**os.environ, **warehouse.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    parent.stdout.readline()
    workers = processes_of(parent.pid)
    assert len(workers) == 3
    parent.send_signal(sent)
    assert parent.wait(20) != 0
    deadline = time.monotonic() + 5
    while processes_of(parent.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(parent.pid) == []
    assert len(staged(landing)) < len(days)
    parent.stdout.close()


def processes_of(session: int) -> list[int]:
    """The processes of a session that run."""
    found = subprocess.run(["ps", "-o", "pid=,stat=", "-s", str(session)], capture_output=True, text=True).stdout
    return [int(pid) for pid, state in map(str.split, found.splitlines()) if not state.startswith("Z")]


def test_some_days_are_published_in_one_transaction(landing: Landing, warehouse: Warehouse, monkeypatch):
    monkeypatch.setattr(publishing, "DAYS_AT_ONCE", 4)
    land(landing)
    list(load_days(warehouse, landing.path, DAYS))
    publish_day(landing.connection, DAYS[2])
    assert list(publish_days(landing.connection, DAYS)) == [day for day in DAYS if day != DAYS[2]]
    assert landing.query("select count(distinct published_at::text) > 1, bool_and(version = 1) from ops.load_day") == [
        (True, True)
    ]
    assert landing.query("select count(*) from pg_class where relname ~ '__20[0-9]{6}$'") == [(0,)]


def test_a_kill_between_two_days_of_a_transaction_publishes_neither(landing: Landing, warehouse: Warehouse):
    land(landing)
    list(load_days(warehouse, landing.path, DAYS))
    with landing.connection, landing.connection.cursor() as cursor:
        # The swap of the last day fails, after those of the others.
        cursor.execute(f"drop table raw.user_events__{DAYS[-1]:%Y%m%d}")
    with pytest.raises(psycopg2.errors.UndefinedTable):
        list(publish_days(landing.connection, DAYS))
    assert landing.query("select count(*) from ops.load_day") == [(0,)]
    assert landing.query("select count(*) from raw.user_events") == [(0,)]
    assert landing.query("select count(*) from pg_locks where locktype = 'advisory'") == [(0,)]
    assert list(publish_days(landing.connection, DAYS[:-1])) == DAYS[:-1]
