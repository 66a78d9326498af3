"""`python -m ingestion`: its verbs, its exit codes, its words when something is missing."""

import datetime
import re
from pathlib import Path

import pytest

from ingestion import __main__ as cli
from ingestion.warehouse import Warehouse
from tests.ingestion.helpers import DAY, Landing, event


@pytest.fixture
def run(landing: Landing, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Runs the command line against the test's warehouse: (exit code, output, errors)."""
    for name, value in warehouse.environment().items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_status_and_quarantine(landing: Landing, run):
    landing.events(event(1), b'{"event_id": \xff}')
    landing.load_and_publish()
    code, out, _ = run("status", "--from", "2026-03-01", "--to", "2026-03-03")
    assert code == 0
    assert re.search(r"2026-03-02 +1 waiting +2 +1 +0 +1", out)
    code, out, _ = run("quarantine", "--date", "2026-03-02", "--code", "invalid_utf8")
    assert code == 0
    assert "1 line is held back" in out
    assert "app/2026-03-02/events-ios.ndjson.gz, line 2 (read): at byte 14: invalid start byte" in out
    assert r'{"event_id": \xff}' in out


def test_a_missing_setting_is_named(run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("WAREHOUSE_SUPERUSER_PASSWORD", raising=False)
    assert "not set: WAREHOUSE_SUPERUSER_PASSWORD" in run("ddl")[2]
    monkeypatch.delenv("WAREHOUSE_HOST")
    assert "not set: WAREHOUSE_HOST" in run("status")[2]


def test_ddl_can_be_repeated(run, postgres_server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAREHOUSE_SUPERUSER_PASSWORD", postgres_server.password)
    for _ in range(2):
        code, out, _ = run("ddl")
        assert code == 0
        assert "stands on 127.0.0.1" in out


def test_reasons_are_told_by_source_days_and_code(landing: Landing, run):
    landing.events(event(1), event(2, ts="soon"), event(3, ts="then"), event(4, event="dance"))
    landing.load_and_publish()
    landing.events(event(5, ts="never"), day=DAY + datetime.timedelta(days=1))
    landing.load_and_publish(DAY + datetime.timedelta(days=1))
    code, out, _ = run("quarantine", "--examples", 1)
    assert code == 0
    assert "4 lines are held back" in out
    assert "app: 3 unparsable_timestamp in 2 files, 2026-03-02 to 2026-03-03" in out
    assert out.count("events-ios.ndjson.gz, line") == 2
    assert "2 lines are held back" not in run("quarantine", "--source", "app")[1]
    assert "0 lines are held back" in run("quarantine", "--source", "podcast")[1]
    assert "1 line is held back" in run("quarantine", "--code", "unknown_event_type")[1]
    assert "1 line is held back" in run("quarantine", "--days", "2026-03-03..2026-03-09")[1]


@pytest.mark.parametrize("days", ["2026-03-03", "2026-03-03..x", "2026-03-03..2026-03-02"])
def test_a_range_that_is_none_is_refused(run, days: str):
    with pytest.raises(SystemExit):
        run("quarantine", "--days", days)


def test_a_scan_fails_where_something_is_left(landing: Landing, run):
    landing.events(event(1))
    code, out, _ = run("scan", "--landing", landing.path)
    assert (code, out.splitlines()[-1]) == (1, "1 never loaded")
    landing.load_and_publish()
    assert run("scan", "--landing", landing.path, "--by-content")[:2] == (0, "what landed is what is loaded\n")


def test_an_unknown_source_is_told(run, tmp_path: Path):
    assert "no contract for 'shop'" in run("check", "shop", tmp_path / "users.csv")[2]
    assert "is not there" in run("check", "app", tmp_path / "users.csv")[2]
