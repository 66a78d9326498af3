"""What is told when neither the warehouse nor Airflow can tell: each trouble once, and its end."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from alerts.guard import Guard, airflow_trouble, disk_trouble, free_gigabytes, warehouse_trouble, watched
from ingestion.warehouse import ConfigurationError
from local.postgres import free_port
from tests.alerts.servers import served
from tests.compose.test_healthy import HEALTH, Api

DISK, WAREHOUSE, AIRFLOW = "A disk is nearly full", "The warehouse does not answer", "Airflow stands still"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def trouble() -> dict[str, str]:
    """What is wrong now, by title."""
    return {}


@pytest.fixture
def guard(warehouse, webhook, trouble, tmp_path) -> Guard:
    """One that finds what a test says."""
    found = watched(warehouse.environment(), ())
    planned = [replace(each, check=lambda known, title=each.title: trouble.get(title)) for each in found]
    return Guard(webhook.channel, planned, tmp_path / "guard.json")


def look(guard: Guard, times: int) -> list[str]:
    said = []
    for number in range(times):
        said += guard.look(NOON + number * timedelta(seconds=15))
    return said


@pytest.mark.parametrize(("title", "patience"), [(DISK, 1), (WAREHOUSE, 3), (AIRFLOW, 10)])
def test_a_trouble_is_told_once_when_it_lasts_and_so_is_its_end(title, patience, guard, webhook, trouble):
    trouble[title] = "it is gone"
    assert look(guard, patience - 1) == []
    assert look(guard, 20) == [title]
    message = webhook.got[0]["message"]
    for part in ("What: it is gone", "Since: 2026-03-01 12:00:00 UTC", "It means: ", "What to do: ", "Where to look: "):
        assert part in message
    trouble.clear()
    assert look(guard, 3) == [f"Over: {title}"]
    assert webhook.titles == [title, f"Over: {title}"]


def test_a_restart_is_no_trouble(guard, webhook, trouble):
    for _ in range(5):
        trouble[WAREHOUSE] = "it starts"
        look(guard, 2)
        trouble.clear()
        look(guard, 1)
    assert webhook.got == []


def test_a_warehouse_that_is_gone_is_one_message_although_airflow_stands_still_too(guard, webhook, trouble):
    trouble |= {WAREHOUSE: "refused", AIRFLOW: "no answer"}
    assert look(guard, 20) == [WAREHOUSE]


def test_the_end_is_told_after_a_restart_of_the_guard(guard, webhook, trouble):
    trouble[WAREHOUSE] = "refused"
    look(guard, 3)
    again = Guard(webhook.channel, guard.watched, guard.memory)
    assert look(again, 5) == []
    trouble.clear()
    assert look(again, 1) == [f"Over: {WAREHOUSE}"]


def test_what_could_not_be_sent_is_sent_at_the_next_look(guard, webhook, trouble):
    trouble[DISK] = "full"
    webhook.status = 500
    assert look(guard, 2) == []
    webhook.status = 200
    assert look(guard, 2) == [DISK]


def test_a_memory_that_cannot_be_written_sends_no_second_message(guard, webhook, trouble):
    guard.memory = Path("/no/such/folder/guard.json")
    trouble[DISK] = "full"
    assert look(guard, 5) == [DISK]


def test_a_disk_is_full_below_the_setting_and_free_again_somewhat_above(tmp_path, monkeypatch):
    def with_free(gigabytes: float, known: bool) -> str | None:
        monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=gigabytes * 1e9))
        return disk_trouble([tmp_path, tmp_path / "below", Path("/no/such/folder")], 5, known)

    assert with_free(5.1, known=False) is None
    assert with_free(4.9, known=False) == f"4.9 GB are free on the disk of {tmp_path}"
    assert with_free(5.1, known=True)
    assert with_free(5.6, known=True) is None


def test_a_real_disk_is_asked(tmp_path):
    assert disk_trouble([tmp_path], 0, False) is None
    assert str(tmp_path) in disk_trouble([tmp_path], 1e9, False)


def test_a_warehouse_is_asked(warehouse):
    assert warehouse_trouble(warehouse, False) is None
    assert "refused" in warehouse_trouble(replace(warehouse, port=free_port()), False)


def test_airflow_is_asked_for_each_of_its_programs(monkeypatch):
    with served(ThreadingHTTPServer(("127.0.0.1", 0), Api)) as server:
        address = f"http://127.0.0.1:{server.server_port}/api/v2/monitor/health"
        assert airflow_trouble(address, False) == "scheduler, dag_processor, triggerer did not report in"
        for name in ("scheduler", "dag_processor", "triggerer"):
            monkeypatch.setitem(HEALTH, name, {"status": "healthy"})
        assert airflow_trouble(address, False) is None
        assert "404" in airflow_trouble(f"{address}/x", False)
    assert "does not answer" in airflow_trouble(address, False)


def test_the_setting_is_a_number():
    assert (free_gigabytes({}), free_gigabytes({"DISK_FREE_GB": "0.5"})) == (5, 0.5)
    for wrong in ("much", "-1"):
        with pytest.raises(ConfigurationError, match="DISK_FREE_GB"):
            free_gigabytes({"DISK_FREE_GB": wrong})


def test_the_program_tells_and_ends_when_it_is_told_to(warehouse, webhook, tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "ALERT_URL": webhook.url,
        "AIRFLOW_HOME": str(tmp_path),
        "DISK_FREE_GB": "1000000",
        **warehouse.environment(),
    }
    program = subprocess.Popen(
        [sys.executable, "-m", "alerts", "guard", str(tmp_path)], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            if (tmp_path / "guard.json").exists():
                break
            time.sleep(0.1)
    finally:
        program.terminate()
        assert program.wait(10) == 0
    assert webhook.titles == [DISK]
    assert list(json.loads((tmp_path / "guard.json").read_text())) == [DISK]
