"""New, vanished and retyped fields are seen, recorded for each day, and told; and looking costs next to nothing."""

import datetime
from pathlib import Path

import pytest

from ingestion.contract_yaml import load_contract
from ingestion.drift import EACH, FIRST, FieldsSeen
from ingestion.errors import Rejected
from ingestion.warehouse import Warehouse
from tests.ingestion.helpers import APP, DAY, Landing, event
from validation.service import audit_day

BEFORE = DAY - datetime.timedelta(days=1)
DRIFT = "select load_date, kind, field, drift, detail from ops.field_drift order by load_date, kind, field"
SHOP = """
description: A shop.
cadence: irregular
earliest: 2015-01-01
files:
  orders:
    patterns: ["orders*.csv"]
    format: csv
    target: user_events
    columns: {event_id: order, event_type: kind, event_ts: at, user_id: customer, amount: total}
    optional: [total]
    event_types: {sale: purchase}
"""


@pytest.fixture
def shop(landing: Landing, tmp_path: Path):
    """`shop(day, header, row, times)`: a day of the shop is loaded and published."""
    (tmp_path / "shop.yml").write_text(SHOP)
    contract = load_contract(tmp_path / "shop.yml")

    def load(day: datetime.date, header: str, row: str, times: int = 20) -> None:
        body = "\n".join([header, *(row.format(n=number, day=day) for number in range(times))])
        landing.put("orders.csv", f"{body}\n".encode(), source="shop", day=day)
        landing.load_and_publish(day, contracts=[contract])

    return load


def test_what_is_new_gone_and_retyped_is_told(landing: Landing, shop):
    shop(BEFORE, "order,kind,at,customer,total,till", "{n},sale,{day},c{n},9.90,3")
    assert landing.query(DRIFT) == []  # there is nothing to compare with
    shop(DAY, "order,kind,at,customer,till,coupon", "{n},sale,{day},c{n},three,X")
    assert landing.query(DRIFT) == [
        (DAY, "orders", "coupon", "new", "the contract does not name it; a text"),
        (DAY, "orders", "till", "retyped", f"a whole number on {BEFORE}, now a text"),
        (DAY, "orders", "total", "vanished", f"on {BEFORE}, 20 of 20 records had it"),
    ]
    assert landing.query(
        f"select field, is_mapped, looked_at, seen, type from ops.field_day where load_date = '{DAY}' order by field"
    ) == [
        ("at", True, 20, 20, "a text"),
        ("coupon", False, 20, 20, "a text"),
        ("customer", True, 20, 20, "a text"),
        ("kind", True, 20, 20, "a text"),
        ("order", True, 20, 20, "a whole number"),
        ("till", False, 20, 20, "a text"),
    ]


def test_days_are_compared_as_they_follow_each_other_and_not_as_they_are_loaded(landing: Landing, shop):
    shop(DAY, "order,kind,at,customer,till", "{n},sale,{day},c{n},3")
    shop(BEFORE, "order,kind,at,customer", "{n},sale,{day},c{n}")
    assert landing.query(DRIFT) == [(DAY, "orders", "till", "new", "the contract does not name it; a whole number")]
    shop(BEFORE, "order,kind,at,customer,till", "{n},sale,{day},c{n},3")
    assert landing.query(DRIFT) == []
    assert landing.query("select count(distinct load_id) from ops.field_day") == [(2,)]  # what was replaced is gone


def test_a_field_that_few_records_had_is_not_missed(landing: Landing, shop):
    shop(BEFORE, "order,kind,at,customer,total", "{n},sale,{day},c{n},9.90", times=4)
    shop(DAY, "order,kind,at,customer", "{n},sale,{day},c{n}", times=4)
    assert landing.query(DRIFT) == []


def test_one_event_in_a_thousand_with_a_new_field_is_seen(landing: Landing):
    """By the fast path, which takes no field that it does not know."""
    for day, more in ((BEFORE, {}), (DAY, {"mood": 7})):
        lines = [event(number, ts=f"{day}T07:00:00Z") for number in range(1003)]
        landing.events(*lines, event(1004, ts=f"{day}T07:00:00Z", **more), *lines[:10], day=day)
        landing.load_and_publish(day)
    assert landing.query(DRIFT) == [(DAY, "events", "mood", "new", "the contract does not name it")]


def test_the_audit_warns_of_it(landing: Landing, shop, warehouse: Warehouse, tmp_path: Path):
    contract = load_contract(tmp_path / "shop.yml")
    shop(BEFORE, "order,kind,at,customer,total", "{n},sale,{day},c{n},9.90")
    body = "order,kind,at,customer\n" + "".join(f"{number},sale,{DAY},c\n" for number in range(20))
    landing.put("orders.csv", body.encode(), source="shop")
    landing.load(contracts=[contract])
    report = audit_day(warehouse, DAY, contracts=[contract])
    assert report.success
    (warning,) = [found for found in report.warnings if found.expectation == "field_drift"]
    assert f"kind orders, field total, drift vanished, detail on {BEFORE}, 20 of 20 records had it" in warning.message


def test_the_first_records_of_each_file_are_looked_at_and_then_one_of_many():
    events = next(file for file in APP.files if file.name == "events")
    seen, looked = FieldsSeen(events), []

    def record_of(piece: int) -> dict[str, int]:
        looked.append(piece)
        if piece == 3:
            raise Rejected("parse", "malformed_json", "such as this one")
        return {"user_id": "u", f"f{piece}": piece}

    for first in range(0, 2 * EACH + 1, 37):
        seen.look(range(first, min(first + 37, 2 * EACH + 1)), record_of)
    assert looked == [*range(FIRST), EACH, 2 * EACH]
    seen.begin_file()
    seen.look(range(5), record_of)
    assert looked[-5:] == [0, 1, 2, 3, 4]
    found = {field.field: field for field in seen.of_day()}
    assert (found["user_id"].seen, found["user_id"].looked_at, found["user_id"].type) == (105, 105, "a text")
    assert (found["f4"].seen, found["f4"].is_mapped, found["f4"].type) == (2, False, "a number")
