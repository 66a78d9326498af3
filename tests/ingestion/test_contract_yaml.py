"""A contract is checked whole, and a wrong one says where it is wrong and what to do."""

import datetime
from pathlib import Path

import pytest
import yaml

from ingestion.contract_yaml import load_contract, load_contracts
from ingestion.errors import ContractError

GOOD = {
    "description": "A shop.",
    "cadence": "daily",
    "begins": datetime.date(2026, 3, 2),
    "earliest": datetime.date(2015, 1, 1),
    "files": {
        "orders": {
            "patterns": ["orders-*.ndjson"],
            "format": "ndjson",
            "target": "user_events",
            "columns": {"event_id": "id", "event_type": "kind", "event_ts": "at", "user_id": "customer"},
            "event_types": {"order": "purchase", "return": "refund"},
        }
    },
}


def written(folder: Path, document: dict, name: str = "shop.yml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(document))
    return path


def changed(path: str, value) -> dict:
    """GOOD with one value set (or, for `...`, removed) at a dotted path."""
    document = yaml.safe_load(yaml.safe_dump(GOOD))
    *parents, last = path.split(".")
    place = document
    for parent in parents:
        place = place[parent]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


def test_the_projects_contracts_are_good():
    contracts = {contract.source: contract for contract in load_contracts()}
    assert {"app", "podcast", "segment"} <= {*contracts}
    assert contracts.pop("app").namespace is None
    # The ids of different producers never meet, and nobody has to land what a contract only makes possible.
    assert {contract.namespace for contract in contracts.values()} == {name.split("_")[0] for name in contracts}
    assert {contract.cadence for contract in contracts.values()} == {"irregular"}


def test_a_good_contract(tmp_path: Path):
    contract = load_contract(written(tmp_path, GOOD))
    assert (contract.source, contract.cadence, contract.earliest) == ("shop", "daily", datetime.date(2015, 1, 1))
    assert (contract.begins, contract.ends, contract.held_back_at_most) == (datetime.date(2026, 3, 2), None, 0.5)
    (orders,) = contract.files
    assert orders.event_types == {"order": "purchase", "return": "refund"}
    assert orders.columns["user_id"] == "customer"
    assert (orders.passive_types, orders.custom_events, orders.no_activity) == ({"refund"}, ("*",), ())


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("cadance", "daily", "unknown key cadance"),
        ("cadence", ..., "cadence is missing"),
        ("cadence", "hourly", "cadence is 'hourly'"),
        ("earliest", "long ago", "earliest is 'long ago'"),
        ("begins", "2026", "begins is '2026'"),
        ("ends", datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), "ends is datetime.datetime"),
        ("ends", datetime.date(2026, 3, 1), "ends 2026-03-01 is before begins 2026-03-02"),
        ("cadence", "irregular", "begins or ends given for cadence irregular"),
        ("held_back_at_most", "half", "held_back_at_most is 'half'"),
        ("held_back_at_most", 50, "held_back_at_most is 50"),
        ("held_back_at_most", True, "held_back_at_most is True"),
        ("sessions", "theirs", "sessions is 'theirs'"),
        ("sessions", "producer", "no file has session_id"),
        ("namespace", "a:b", "namespace 'a:b'"),
        ("description", "", "description is ''"),
        ("files", {}, "files is empty"),
        ("files.orders.target", "orders", "target is 'orders'"),
        ("files.orders.format", "xml", "format is 'xml'"),
        ("files.orders.colums", {}, "unknown key colums.\nRemedy: write columns, if that is meant; known are "),
        ("files.orders.lines", 1000, "files.orders.lines: not a mapping"),
        ("files.orders.lines", {"at_least": -1}, "at_least is -1"),
        ("files.orders.lines", {"at_most": 1.5}, "at_most is 1.5"),
        ("files.orders.lines", {"at_most": True}, "at_most is True"),
        ("files.orders.lines", {"atleast": 1}, "unknown key atleast"),
        ("files.orders.lines", {}, "no bound is given"),
        ("files.orders.lines", {"at_least": 0}, "no bound is given"),
        ("files.orders.lines", {"at_least": 9, "at_most": 8}, "at_most 8 is below at_least 9"),
        ("files.orders.patterns", [], "patterns is missing or empty"),
        ("files.orders.columns.colour", "color", "columns names colour, no column of user_events"),
        ("files.orders.columns.actor_id", "x", "columns names actor_id"),
        ("files.orders.columns.event_ts", ..., "nothing fills event_ts"),
        ("files.orders.columns.user_id", ..., "an event needs an actor"),
        ("files.orders.columns.user_id", 7, "columns.user_id is 7"),
        ("files.orders.event_types", ..., "event_types is missing"),
        ("files.orders.event_types", {"order": "bought"}, "event_types leads to bought"),
        ("files.orders.custom_events", "*", "custom_events is '*'"),
        ("files.orders.no_activity", [7], "no_activity holds 7"),
        ("files.orders.columns.event_name", "kind", "columns names event_name"),
        ("files.orders.columns.is_activity", "kind", "columns names is_activity"),
        ("files.orders.columns.is_producer_session", "kind", "columns names is_producer_session"),
        ("files.orders.event_types", {False: "purchase"}, "put them in quotes"),
        ("files.orders.constants", {"amount": "3"}, "constants sets amount"),
        ("files.orders.constants", {"event_type": "purchase"}, "event_type stands in columns and in constants"),
        ("files.orders.defaults", {"event_id": "x"}, "event_id is the same for all rows"),
        ("files.orders.lower", "platform", "lower is 'platform'"),
        ("files.orders.lower", ["plattform"], "lower names plattform"),
        ("files.orders.upper", ["op"], "upper names op, no column of user_events"),
        ("files.orders.replace", {"platform": "ios"}, "replace.platform is 'ios'"),
        ("files.orders.required", ["adress"], "required names adress"),
        ("files.orders.timestamps", "unix", "timestamps is 'unix'"),
        ("files.orders.delimiter", ";;", "delimiter is ';;'"),
        ("files.orders.optional", ["amount"], "optional names amount"),
        ("files.orders.ignore", ["customer"], "customer is mapped and ignored"),
        ("files.orders.rules", [{"column": "amount"}], "asks for nothing"),
        ("files.orders.rules", [{"column": "platform", "positive": True}], "only a number can be positive"),
        ("files.orders.rules", [{"column": "amount", "positive": "yes"}], "positive is 'yes'"),
        ("files.orders.rules", [{"column": "amount", "positive": True, "when": ["order"]}], "when names order"),
        ("files.orders.rules", ["amount > 0"], "not a mapping"),
    ],
)
def test_a_wrong_contract_names_file_place_and_remedy(tmp_path: Path, path: str, value, complaint: str):
    with pytest.raises(ContractError) as caught:
        load_contract(written(tmp_path, changed(path, value)))
    message = str(caught.value)
    assert complaint in message
    assert str(tmp_path / "shop.yml") in message
    assert "\nRemedy: " in message


def test_a_key_given_twice_is_refused(tmp_path: Path):
    path = tmp_path / "shop.yml"
    path.write_text("description: one\ndescription: two\n")
    with pytest.raises(ContractError, match="'description' is given twice"):
        load_contract(path)


def test_no_yaml_is_refused(tmp_path: Path):
    path = tmp_path / "shop.yml"
    path.write_text("{")
    with pytest.raises(ContractError, match="not readable as YAML"):
        load_contract(path)


def test_a_source_has_a_plain_name(tmp_path: Path):
    with pytest.raises(ContractError, match="'my-shop' is the file's name"):
        load_contract(written(tmp_path, GOOD, "my-shop.yml"))


def test_a_folder_without_contracts_is_refused(tmp_path: Path):
    with pytest.raises(ContractError, match="no source contract"):
        load_contracts(tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("cadence: daily", "cadence: hourly", 2),
        ("earliest: 2015-01-01", "earliest: soon", 3),
        ("    format: ndjson", "    format: xml", 7),
        ("    format: ndjson", "    form: ndjson", 7),
        ("      user_id: customer", "      user_id: 7", 13),
        ("      user_id: customer", "      user_id: {fields: x}", 13),
        ("      - {column: amount, positive: true}", "      - {column: amount, positive: 1}", 16),
        ("      - {column: amount, positive: true}", "      - {column: amounts}", 16),
        ("      return: refund", "      return: money back", 17),
        ("      event_ts: at\n", "", 5),  # what is missing is missing in its kind of file
    ],
)
def test_a_wrong_contract_names_the_line(tmp_path: Path, before: str, after: str, line: int):
    text = """description: A shop.
cadence: daily
earliest: 2015-01-01
files:
  orders:
    patterns: ["orders-*.ndjson"]
    format: ndjson
    target: user_events
    columns:
      event_id: id
      event_type: kind
      event_ts: at
      user_id: customer
      amount: total
    rules:
      - {column: amount, positive: true}
    event_types:
      order: purchase
      return: refund
"""
    assert before in text
    path = tmp_path / "shop.yml"
    path.write_text(text)
    load_contract(path)
    path.write_text(text.replace(before, after))
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    named = int(str(caught.value).removeprefix(f"{path}:").partition(":")[0])
    assert line <= named <= line + 1, str(caught.value)


def test_contracts_of_ones_own_lie_beside_the_shipped_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shipped = {contract.source: contract for contract in load_contracts()}
    written(tmp_path, GOOD)
    written(tmp_path, {**GOOD, "description": "Ours."}, "podcast.yml")
    monkeypatch.setenv("SOURCES_DIR", str(tmp_path))
    found = {contract.source: contract for contract in load_contracts()}
    assert list(found) == sorted({*shipped, "shop"})
    assert found["podcast"].description == "Ours." and found["app"] == shipped["app"]
    monkeypatch.setenv("SOURCES_DIR", str(tmp_path / "absent"))
    with pytest.raises(ContractError, match="is no folder"):
        load_contracts()
    monkeypatch.setenv("SOURCES_DIR", "")
    assert len(load_contracts()) == len(shipped)
