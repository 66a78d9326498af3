"""`python -m ingestion`: its verbs, its exit codes, its words when something is missing."""

import re
from pathlib import Path

import pytest

from ingestion import __main__ as cli
from ingestion.warehouse import Warehouse
from tests.ingestion.helpers import Landing, event


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
    assert "1 lines are held back" in out
    assert "app/2026-03-02/events-ios.ndjson.gz, line 2: invalid_utf8 (read)" in out
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
