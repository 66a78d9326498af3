"""`python -m ingestion check`: what would become of a file, and what looks wrong, without a warehouse."""

import datetime
import json
import tracemalloc
from pathlib import Path

import pytest
from upath import UPath

from ingestion import __main__ as cli
from ingestion.checking import check, report, suspicions
from ingestion.contract_yaml import load_contract
from ingestion.errors import LoadError
from tests.ingestion.helpers import DAY, ndjson

SHOP = """
description: A shop.
namespace: shop
cadence: irregular
earliest: 2015-01-01
files:
  orders:
    patterns: ["orders-*.csv"]
    format: csv
    delimiter: ";"
    target: user_events
    columns: {event_id: order, event_type: kind, event_ts: when, user_id: customer, session_id: visit, amount: total}
    constants: {currency: EUR}
    event_types: {sale: purchase}
    rules: [{column: amount, positive: true, when: [purchase]}]
  visits:
    patterns: ["visits.ndjson"]
    format: ndjson
    target: user_events
    columns: {event_type: kind, event_ts: when, user_id: customer}
    event_types: {}
"""


@pytest.fixture
def shop(tmp_path: Path):
    path = tmp_path / "shop.yml"
    path.write_text(SHOP)
    return load_contract(path)


def orders(path: Path, *records: str) -> UPath:
    path.write_text("\n".join(["order;when;customer;visit;total;kind;till", *records]) + "\n")
    return UPath(path)


def test_all_that_becomes_of_a_file(tmp_path: Path, shop, capsys):
    path = orders(
        tmp_path / "orders-1.csv",
        "1;2026-03-02T10:00:00Z;C-1;V-1;19.9;sale;3",
        "2;2026-03-01T23:59:59+02:00;C-2;V-2;0;sale;3",
        "1;2026-03-02T11:00:00Z;C-1;V-1;5;sale;3",
        "3;2026-02-27;C-3;V-3;;gift card;",
        "4;yesterday;C-3;V-3;;sale;",
        "5;tomorrow;C-3;V-3;;sale;",
    )
    checked = check(path, DAY, shop)
    assert (checked.lines_read, checked.loaded, checked.duplicates, checked.quarantined) == (6, 2, 1, 3)
    assert checked.repeated == [(4, "1")]
    assert {code: (held.lines, held.first) for code, held in checked.held_back.items()} == {
        "invalid_value": (1, [3]),
        "unparsable_timestamp": (2, [6, 7]),
    }
    assert cli.main(["check", str(tmp_path / "shop.yml"), str(path), "--date", "2026-03-02"]) == 0
    out = capsys.readouterr().out
    assert "6 lines read = 2 loaded + 1 duplicates + 3 quarantined" in out
    assert "Held back: 2 unparsable_timestamp (map), lines 6, 7" in out
    assert "'tomorrow'" in out
    assert "line 4: 1" in out
    assert 'till                              2 rows, such as "3"' in out
    assert "        1  gift card" in out
    assert "event_ts from 2026-02-27 00:00:00 to 2026-03-02 11:00:00, on 2 days (UTC)" in out


def many(*, number: int = 40, **changes) -> list[str]:
    values = {
        "order": lambda n: n,
        "when": lambda n: f"2026-02-{n % 20 + 1:02}T10:00:00",
        "customer": lambda n: f"C-{n % 9}",
        "visit": lambda n: f"V-{n % 9}",
        "total": lambda n: 5,
        "kind": lambda n: "sale",
        "till": lambda n: "",
        **changes,
    }
    return [";".join(str(make(n)) for make in values.values()) for n in range(number)]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, None),
        ({"when": lambda n: f"2026-02-03T10:{n:02}:00"}, "all of event_ts lies on one day, 2026-02-03"),
        ({"when": lambda n: f"2026-02-{n % 20 + 1:02}"}, "event_ts is midnight in every row"),
        ({"customer": lambda n: f"C-{n}"}, "every user_id is unique"),
        ({"customer": lambda n: f"{n % 9}.0"}, "user_id looks like a float"),
        ({"customer": lambda n: "" if n % 2 else "C-1"}, None),  # held back: without an actor there is no row
        ({"customer": lambda n: "C-1" if n % 2 else f"C-{n % 9}"}, "user_id is 'C-1' in 5"),
        ({"visit": lambda n: -1 if n % 4 else f"V-{n % 9}"}, "session_id is '-1' in 30 rows"),
        ({"visit": lambda n: ""}, "session_id is mapped and never has a value"),
        ({"order": lambda n: n % 20}, "50% of the rows are duplicates"),
        ({"kind": lambda n: f"k{n}"}, "every event is a custom one"),
    ],
)
def test_what_is_suspicious_is_told(tmp_path: Path, shop, changes: dict, told: str | None):
    found = suspicions(check(orders(tmp_path / "orders-1.csv", *many(**changes)), DAY, shop))
    if told is None:
        assert [each for each in found if "user_id is" not in each] == []
    else:
        assert any(each.startswith(told) for each in found), found


def test_a_file_that_brings_nothing_fails_and_says_why(tmp_path: Path, shop, capsys):
    arguments = ["check", str(shop.path), str(tmp_path / "orders-1.csv"), "--date", str(DAY)]
    orders(tmp_path / "orders-1.csv", *many(when=lambda n: "yesterday"))
    assert cli.main(arguments) == 1
    told = capsys.readouterr()
    assert "40 lines read = 0 loaded + 0 duplicates + 40 quarantined" in told.out
    assert "not one line became a row; most are held back as unparsable_timestamp: " in told.err
    assert f"Remedy: mend {shop.path}, orders, which does not describe this file" in told.err

    shop.path.write_text(SHOP.replace("    rules:", "    skip: [{field: till, is: '3'}]\n    rules:"))
    orders(tmp_path / "orders-1.csv", *many(till=lambda n: 3))
    assert cli.main(arguments) == 1
    assert f"all are skipped.\nRemedy: mend `skip` in {shop.path}, orders" in capsys.readouterr().err

    orders(tmp_path / "orders-1.csv")  # no line is not a wrong one
    assert cli.main(arguments) == 0
    orders(tmp_path / "orders-1.csv", *many(when=lambda n: "yesterday" if n else "2026-03-01"))
    assert cli.main(arguments) == 0


def test_lines_that_become_rows_of_another_kind_only_are_no_failure(tmp_path: Path, shop, capsys):
    shop.path.write_text(
        SHOP.replace("    rules:", "    skip: [{field: till, is: '3'}]\n    rules:")
        + """
  customers:
    from: orders
    target: user_changes
    columns: {user_id: customer, changed_at: when}
    constants: {op: upsert}
"""
    )
    orders(tmp_path / "orders-1.csv", *many(till=lambda n: 3))
    assert cli.main(["check", str(shop.path), str(tmp_path / "orders-1.csv"), "--date", str(DAY)]) == 0
    assert "40 skipped" in capsys.readouterr().out


def test_events_without_a_user(tmp_path: Path, shop):
    path = tmp_path / "shop.yml"
    path.write_text(SHOP.replace("session_id: visit", "anonymous_id: visit"))
    records = many(customer=lambda n: f"C-{n % 9}" if n % 2 else "")
    found = suspicions(check(orders(tmp_path / "orders-1.csv", *records), DAY, load_contract(path)))
    assert "50% of the events are without a user_id" in found


def test_a_name_that_no_pattern_matches_needs_its_kind(tmp_path: Path, shop):
    path = orders(tmp_path / "march.csv", *many())
    with pytest.raises(LoadError, match="matches no pattern"):
        check(path, DAY, shop)
    with pytest.raises(LoadError, match="no kind of file 'sales'.\nRemedy: use one of orders, visits"):
        check(path, DAY, shop, kind="sales")
    assert check(path, DAY, shop, kind="orders").loaded == 40


def test_the_day_of_arrival_is_the_one_that_the_name_says(tmp_path: Path, capsys):
    path = tmp_path / "shop.yml"
    path.write_text(SHOP.replace('["orders-*.csv"]', '["orders-*.csv"]\n    day: "orders-([0-9]{8})"'))
    records = many(when=lambda n: "2026-03-03T10:00:00Z")
    shop, file = load_contract(path), orders(tmp_path / "orders-20260302.csv", *records)
    assert check(file, None, shop).load_date == check(file, DAY, shop).load_date == DAY
    # An event may not be later than the day after it arrived.
    assert check(file, None, shop).loaded == 40
    assert check(orders(tmp_path / "orders-20260301.csv", *records), None, shop).loaded == 0
    with pytest.raises(
        LoadError, match="of 2026-03-02 by its name, and the load would refuse it.*\nRemedy: leave out DAY"
    ):
        check(file, datetime.date(2026, 3, 3), shop)
    unnamed = orders(tmp_path / "orders-new.csv", *many())
    with pytest.raises(LoadError, match="orders-new.csv: its name is to say its day"):
        check(unnamed, None, shop)
    today = datetime.datetime.now(datetime.UTC).date()
    assert check(unnamed, None, shop, kind="orders").load_date in (today, datetime.datetime.now(datetime.UTC).date())
    assert cli.main(["check", str(path), str(file)]) == 0
    assert "arriving on 2026-03-02" in capsys.readouterr().out


def test_line_separators_within_texts_are_no_lines(tmp_path: Path, shop):
    path = tmp_path / "visits.ndjson"
    path.write_bytes(ndjson({"kind": "a\u2028b\x1cc", "when": "2026-03-01", "customer": "1", "note": "x\ty\nz"}))
    (row,) = check(UPath(path), DAY, shop).rows
    assert row["event_name"] == "a\u2028b\x1cc"
    assert json.loads(row["properties"]) == {"note": "x\ty\nz"}


def test_memory_stays_small(tmp_path: Path, shop):
    def peak(number: int) -> int:
        path = orders(tmp_path / "orders-1.csv", *many(number=number, total=lambda n: "none", kind=lambda n: "x" * 50))
        tracemalloc.start()
        checked = check(path, datetime.date(2026, 3, 2), shop)
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert checked.quarantined == number
        return high

    assert peak(20_000) < 2 * peak(5_000)


def test_a_header_that_is_held_back_is_called_so(tmp_path: Path, shop):
    path = UPath(tmp_path / "orders-1.csv")
    path.write_text("\norder;when;customer;visit;kind\n1;2026-03-02T10:00:00Z;C-1;V-1;sale\n")
    told = report(check(path, DAY, shop), "shop")
    assert "Held back: 2 missing_column (parse), lines 2, 3; line 2 is the header" in told
