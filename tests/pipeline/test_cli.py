"""`python -m pipeline load`: its exit codes, and its words when something is wrong."""

import pytest

from ingestion.warehouse import Warehouse
from pipeline import __main__ as cli
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


def test_a_day_is_loaded_and_published(landing: Landing, run):
    landing.events(event(1), b'{"event_id": \xff}')
    code, out, _ = run("load", "--from", "2026-03-02", "--to", "2026-03-02", "--no-audit")
    assert (code, out) == (0, "2026-03-02: 2 lines read = 1 loaded + 0 duplicates + 1 quarantined + 0 skipped\n")
    code, out, _ = run("load", "--from", "2026-03-02", "--to", "2026-03-02", "--no-audit")
    assert (code, out) == (0, "2026-03-02: unchanged since it was published\n")
    assert landing.event_ids() == ["e1"]


def test_a_day_that_fails_its_audit_is_not_published(landing: Landing, run):
    landing.put("users.csv", b"user_id,changed_at,op\n")  # a day without events
    code, _, err = run("load", "--from", "2026-03-02", "--to", "2026-03-02")
    assert code == 1
    assert "critical: user_events: Events came from every source that owes them daily" in err
    assert err.endswith("\nrejected: 2026-03-02; what was published of them stays\n")
    assert landing.query("select status from ops.load") == [("rejected",)]
    assert landing.query("select * from ops.load_day") == []


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
    assert out == "2026-03-02: 1 lines read = 1 loaded + 0 duplicates + 0 quarantined + 0 skipped\n"
    assert landing.query("select load_date from ops.load_day") == [(DAY,)]


def test_a_missing_landing_area_is_named(run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LANDING_URI")
    code, _, err = run("load", "--from", "2026-03-02", "--to", "2026-03-02")
    assert (code, err.startswith("not set: LANDING_URI")) == (1, True)


def test_a_wrong_reporting_day_is_named_before_dbt_reads_the_project(run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REPORTING_TIMEZONE", "Berlin")
    code, _, err = run("deploy")
    assert (code, err.partition(".")[0]) == (1, "REPORTING_TIMEZONE=Berlin is no time zone")
