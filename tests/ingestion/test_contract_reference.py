"""The keys of a contract as people and editors read them: the tables of the document, and the JSON Schema."""

import datetime
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from ingestion.contract_keys import CONTRACT_KEYS, FILE_KEYS, LINES_KEYS, ORIGIN_KEYS, RULE_KEYS, TEST_KEYS
from ingestion.contract_reference import DOCS, schema, with_tables
from ingestion.contract_yaml import SOURCES, load_contract
from ingestion.errors import ContractError
from tests.ingestion.test_contract_yaml import changed, written

REMEDY = "python -m ingestion contract-reference"
SCHEMA = json.loads(schema())


def complaints(document: dict) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(as_json(document))]


def as_json(value):
    """A contract as an editor sees it, for which a date is a text."""
    if isinstance(value, dict):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return str(value) if isinstance(value, datetime.date) else value


def test_what_is_generated_is_as_it_would_be_now():
    assert (DOCS / "contract.schema.json").read_text() == schema(), REMEDY
    document = (DOCS / "sources.md").read_text()
    assert document == with_tables(document), REMEDY
    for key in {*CONTRACT_KEYS, *FILE_KEYS, *TEST_KEYS}:
        assert f"\n| `{key}` | " in document, key


def test_a_table_is_written_anew():
    document = (DOCS / "sources.md").read_text()
    row = next(line for line in document.splitlines() if line.startswith("| `cadence` |"))
    assert with_tables(document.replace(row, "| `cadence` | as it was |")) == document
    assert with_tables(document.replace(f"{row}\n", "")) == document


def test_every_key_has_a_meaning_and_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for keys in (CONTRACT_KEYS, FILE_KEYS, LINES_KEYS, RULE_KEYS, ORIGIN_KEYS, TEST_KEYS):
        assert all(key.meaning and key.schema for key in keys.values())


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.yml")), ids=lambda path: path.stem)
def test_a_shipped_contract_is_good_for_the_schema_and_names_it(path: Path):
    assert complaints(yaml.safe_load(path.read_text())) == []
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text())
    assert named and (path.parent / named[1]).resolve() == DOCS / "contract.schema.json"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cadance", "daily"),
        ("cadence", "hourly"),
        ("cadence", ...),
        ("earliest", "long ago"),
        ("namespace", "a:b"),
        ("held_back_at_most", 50),
        ("sessions", "theirs"),
        ("files", {}),
        ("files.orders.target", "orders"),
        ("files.orders.format", "xml"),
        ("files.orders.patterns", []),
        ("files.orders.colums", {}),
        ("files.orders.columns.colour", "color"),
        ("files.orders.columns.actor_id", "x"),
        ("files.orders.columns.user_id", 7),
        ("files.orders.columns.user_id", {"fields": "x"}),
        ("files.orders.columns.user_id", {"field": "x", "path": "y"}),
        ("files.orders.columns.user_id", {"as": ["trim"]}),
        ("files.orders.columns.user_id", {"field": "x", "as": ["twist"]}),
        ("files.orders.columns.user_id", {"first": ["x"]}),
        ("files.orders.columns.user_id", {"load_date": False}),
        ("files.orders.columns.user_id", {"field": "x", "when": {"field": "y"}}),
        ("files.orders.columns.user_id", {"when": {"field": "y", "is": "z"}}),
        ("files.orders.skip", [{"field": "x", "is": "y", "when": {"field": "y", "is": "z"}}]),
        ("files.orders.event_types", {"order": "bought"}),
        ("files.orders.timestamps", "unix"),
        ("files.orders.delimiter", ";;"),
        ("files.orders.required", ["adress"]),
        ("files.orders.constants", {"colour": "red"}),
        ("files.orders.extract", "half"),
        ("files.orders.rules", [{"column": "amount", "positive": "yes"}]),
        ("files.orders.rules", [{"positive": True}]),
        ("files.orders.skip", [{"field": "x"}]),
        ("files.orders.skip", [{"is": "x"}]),
        ("files.orders.skip", [{"field": "x", "equals": "y"}]),
        ("files.orders.lines", {"at_least": "many"}),
    ],
)
def test_what_the_schema_refuses_the_checks_refuse(tmp_path: Path, path: str, value):
    document = changed(path, value)
    assert complaints(document)
    with pytest.raises(ContractError):
        load_contract(written(tmp_path, document))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("files.orders.columns.user_id", {"join": ["a", {"path": ["b", 0]}], "with": "", "as": ["trim", "hash"]}),
        ("files.orders.columns.user_id", {"key": "a", "in": "params", "value_name": "v"}),
        ("files.orders.columns.event_ts", {"field": "a", "timestamps": "%d.%m.%Y", "time_zone": "Europe/Berlin"}),
        ("files.orders.columns.platform", {"path": "a", "as": [{"map": {"a": "web"}, "else": "ios"}]}),
        ("files.orders.columns.os", {"first": [{"field": "a", "when": {"field": "b", "in": ["c", 1]}}, "d"]}),
        ("files.orders.columns.os", {"path": "a", "as": [{"user_agent": "os"}]}),
        ("files.orders.skip", [{"key": "a", "in": "params", "is": 1}, {"field": "x", "not": {"in": ["a", True]}}]),
        (
            "files.orders.skip",
            [{"field": "x", "empty": True}, {"path": "x.y", "matches": "^a"}, {"field": "x", "in": [1]}],
        ),
        ("files.orders.event_types", "canonical"),
    ],
)
def test_what_the_checks_take_the_schema_takes(tmp_path: Path, path: str, value):
    document = changed(path, value)
    load_contract(written(tmp_path, document))
    assert complaints(document) == []


def test_a_deletion_and_a_derived_kind_are_good_for_the_schema(tmp_path: Path):
    deleted = {"deleted_when": {"field": "gone", "empty": False}}
    people = {
        "from": "orders",
        "target": "user_changes",
        "columns": {"user_id": "who", "changed_at": "at", "op": deleted},
    }
    document = changed("files.people", people)
    load_contract(written(tmp_path, document))
    assert complaints(document) == []
    assert complaints(changed("files.orders.columns.op", deleted))  # no column of events
