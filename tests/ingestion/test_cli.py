"""`python -m ingestion`: its verbs, its exit codes, its words when something is missing."""

import re
from pathlib import Path

import pytest

from ingestion import __main__ as cli
from ingestion.warehouse import Warehouse
from tests.ingestion.helpers import DAY, Landing, event


@pytest.fixture
def run(landing: Landing, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Runs the command line against the test's warehouse: (exit code, output, errors)."""
    for name, value in {**warehouse.environment(), "LANDING_URI": str(landing.path)}.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_load_status_and_quarantine(landing: Landing, run):
    landing.events(event(1), b'{"event_id": \xff}')
    code, out, _ = run("load", "--from", "2026-03-02", "--to", "2026-03-02", "--no-audit")
    assert (code, out) == (0, "2026-03-02: 2 lines read = 1 loaded + 0 duplicates + 1 quarantined\n")
    code, out, _ = run("load", "--from", "2026-03-02", "--to", "2026-03-02", "--no-audit")
    assert (code, out) == (0, "2026-03-02: unchanged since it was published\n")
    code, out, _ = run("status", "--from", "2026-03-01", "--to", "2026-03-03")
    assert code == 0
    assert re.search(r"2026-03-02 +1 waiting +2 +1 +0 +1", out)
    code, out, _ = run("quarantine", "--date", "2026-03-02", "--code", "invalid_utf8")
    assert code == 0
    assert "1 lines are held back" in out
    assert "app/2026-03-02/events-ios.ndjson.gz, line 2: invalid_utf8 (read)" in out
    assert r'{"event_id": \xff}' in out


def test_a_day_that_fails_its_audit_is_not_published(landing: Landing, run, monkeypatch: pytest.MonkeyPatch):
    landing.events(event(1))
    monkeypatch.setattr(cli, "_rejected", lambda warehouse, days: days)
    code, _, err = run("load", "--from", "2026-03-02", "--to", "2026-03-02")
    assert (code, err) == (1, "rejected: 2026-03-02; what was published of them stays\n")
    assert landing.query("select status from ops.load") == [("rejected",)]


def test_lines_that_are_held_back_are_loud(landing: Landing, run):
    """A few are a warning; most of a file are the end of its day, and what was published stays."""
    days = ("load", "--from", DAY, "--to", DAY)
    landing.events(*(event(number) for number in range(8)), b"{", b"{")
    code, _, err = run(*days)
    assert code == 0
    assert "warning: user_events: At most 10% of a file's lines were held back: 1 exception" in err
    landing.events(*(event(number) for number in range(4)), *[b"{"] * 6)
    code, _, err = run(*days)
    assert code == 1
    assert "lines_read 10, quarantined 6, errors malformed_json 6 times, first in line 5." in err
    assert landing.query("select count(*) from raw.user_events") == [(8,)]


def test_a_day_that_cannot_be_loaded_says_why(landing: Landing, run):
    landing.events(event(1))
    code, _, err = run("load", "--from", "2026-02-01", "--to", "2026-02-01")
    assert code == 1
    assert err.startswith("nothing landed for 2026-02-01")
    code, out, err = run("load", "--from", "2026-03-01", "--to", "2026-03-02", "--no-audit")
    assert code == 1
    assert err.startswith("1 of 2 days cannot be loaded; the others are loaded.\nnothing landed for 2026-03-01")
    assert out == "2026-03-02: 1 lines read = 1 loaded + 0 duplicates + 0 quarantined\n"
    assert landing.query("select load_date from ops.load_day") == [(DAY,)]


def test_a_missing_setting_is_named(landing: Landing, run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LANDING_URI")
    assert run("load", "--from", "2026-03-02", "--to", "2026-03-02")[::2][1].startswith("not set: LANDING_URI")
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


def test_a_file_is_explained(tmp_path: Path, run):
    path = tmp_path / "creators.csv"
    path.write_text("creator_id,changed_at,op,name,country,creator_type\ncr_1,2026-03-01,upsert,Ada,de,author\ncr_2\n")
    code, out, _ = run("explain", "app", path, "--date", "2026-03-02")
    assert code == 0
    assert "creators -> raw.creator_changes: 2 lines read = 1 to load + 1 to quarantine" in out
    assert re.search(r"country +DE", out)
    assert "line 3: column_count (parse): 1 fields, the header has 6" in out
    assert "no contract for 'shop'" in run("explain", "shop", path, "--date", "2026-03-02")[2]
    assert "is not there" in run("explain", "app", tmp_path / "users.csv", "--date", "2026-03-02")[2]
