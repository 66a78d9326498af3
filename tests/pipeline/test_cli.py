"""`python -m pipeline load` and `replay`: their exit codes, and its words when something is wrong."""

import datetime

import pytest

from ingestion.contract_yaml import load_contract
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


@pytest.fixture
def shop(run, landing: Landing, monkeypatch: pytest.MonkeyPatch):
    """A source with a contract of its own that a test can mend."""
    contract = landing.path.parent / "shop.yml"

    def write(old: str = "", new: str = "") -> None:
        contract.write_text(SHOP.replace(old, new) if old else SHOP)

    write()
    monkeypatch.setattr("ingestion.ranges.load_contracts", lambda: [load_contract(contract)])
    monkeypatch.setattr("pipeline.__main__.service.load_contracts", lambda: [load_contract(contract)])
    return write


SHOP = """
description: A shop whose contract does not know every kind of sale.
cadence: irregular
earliest: 2015-01-01
files:
  orders:
    patterns: ["orders*.csv"]
    format: csv
    target: user_events
    columns: {event_id: order, event_type: kind, event_ts: at, user_id: customer}
    event_types: {sale: purchase}
    custom_events: []
"""
ORDERS = "order,kind,at,customer\n1,sale,{day},c1\n2,gift,{day},c2\n2,gift,{day},c2\n3,,{day},c3\n"


def test_replay_reads_what_was_held_back_after_the_contract_was_mended(landing: Landing, run, shop):
    days = [DAY - datetime.timedelta(days=2), DAY - datetime.timedelta(days=1), DAY]
    for day in days[:2]:
        landing.put("orders.csv", ORDERS.format(day=day).encode(), source="shop", day=day)
    landing.put("orders.csv", f"order,kind,at,customer\n4,sale,{DAY},c4\n".encode(), source="shop")
    assert run("load", "--from", days[0], "--to", DAY, "--no-audit")[0] == 0
    code, out, _ = run("replay", "shop", "--no-audit")
    assert (code, out.splitlines()) == (
        0,
        [f"{day}: 3 lines are held back, as before: nothing that decides on them has changed" for day in days[:2]],
    )
    shop("{sale: purchase}", "{sale: purchase, gift: refund}")
    code, out, err = run("replay", "shop", "--no-audit", "--date", days[1])
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"{days[1]}: 3 lines were held back, 1 are now; 2 are loaded, 1 were"
    sums = "select load_date, lines_read, loaded, duplicates, quarantined from ops.day_status order by load_date"
    assert landing.query(sums) == [(days[0], 4, 1, 0, 3), (days[1], 4, 2, 1, 1), (DAY, 1, 1, 0, 0)]
    assert landing.query("select load_date, version from ops.load_day order by 1") == [
        (days[0], 1),
        (days[1], 2),
        (DAY, 1),
    ]
    # What a replay leaves is what loading the day from its files leaves.
    rows = "select * from raw.user_events order by load_date, file_no, line_no"
    replayed = landing.query(rows)
    run("load", "--from", days[1], "--to", days[1], "--no-audit", "--force")
    assert landing.query(rows) == replayed
    run("replay", "shop", "--no-audit", "--days", f"{days[0]}..{DAY}")
    assert landing.query("select sum(quarantined) from ops.day_status") == [(2,)]


def test_replay_of_a_day_that_was_rejected(landing: Landing, run, shop):
    landing.put(
        "orders.csv",
        b"order,kind,at,customer\n" + b"".join(b"%d,gift,2026-03-02,c\n" % n for n in range(12)),
        source="shop",
    )
    assert run("load", "--from", DAY, "--to", DAY)[0] == 1
    assert run("replay", "shop")[0] == 1
    shop("{sale: purchase}", "{gift: purchase}")
    code, out, _ = run("replay", "shop")
    assert code == 0
    assert out.startswith(f"{DAY}: 12 lines were held back, 0 are now; 12 are loaded, 0 were\n")
    code, out, _ = run("replay", "shop")
    assert (code, out) == (0, "no line of shop is held back\n")


def test_replay_removes_no_row_whose_file_is_gone(landing: Landing, run, shop):
    landing.put("orders.csv", ORDERS.format(day=DAY).encode(), source="shop")
    landing.put("orders-2.csv", f"order,kind,at,customer\n9,sale,{DAY},c9\n".encode(), source="shop")
    run("load", "--from", DAY, "--to", DAY, "--no-audit")
    (landing.path / "shop" / str(DAY) / "orders-2.csv").unlink()
    shop("{sale: purchase}", "{sale: purchase, gift: refund}")
    code, out, err = run("replay", "shop", "--no-audit")
    assert (code, out) == (1, "")
    assert f"shop/{DAY}/orders-2.csv was loaded, and is not in the landing area any more" in err
    assert landing.event_ids() == ["1", "9"]


def test_replay_of_an_unknown_source_names_those_that_are_known(run, shop):
    code, _, err = run("replay", "shoop")
    assert (code, err) == (1, "no contract for 'shoop'.\nRemedy: use one of shop.\n")
