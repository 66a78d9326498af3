"""Lines that a contract leaves out on purpose are counted; a condition says what was deleted."""

from pathlib import Path

import psycopg2
import pytest
from upath import UPath

from ingestion.checking import check
from ingestion.contract_yaml import load_contract
from ingestion.errors import ContractError
from tests.ingestion.helpers import DAY, Landing, files_of, ndjson
from tests.ingestion.test_origins import RECORD, contract, row

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("condition", "record", "is_skipped"),
    [
        ({"field": "x", "is": "ping"}, {"x": "ping"}, True),
        ({"field": "x", "is": "ping"}, {"x": "pong"}, False),
        ({"field": "x", "is": "ping"}, {}, False),
        ({"field": "x", "is": "ping"}, {"x": ["ping"]}, False),
        ({"field": "x", "is": True}, {"x": True}, True),
        ({"field": "x", "is": True}, {"x": "true"}, True),  # as in a CSV
        ({"field": "x", "is": 1}, {"x": "1"}, True),
        ({"field": "x", "is": 1}, {"x": 1.0}, True),
        ({"field": "x", "is": 1}, {"x": True}, False),
        ({"field": "x", "in": ["a", 2]}, {"x": 2}, True),
        ({"field": "x", "in": ["a", 2]}, {"x": "b"}, False),
        ({"path": "x.y", "matches": "^test_"}, {"x": {"y": "test_1"}}, True),
        ({"path": "x.y", "matches": "^test_"}, {"x": {"y": "a test_1"}}, False),
        ({"path": "x.y", "matches": "^test_"}, {"x": "test_1"}, False),
        ({"field": "x", "empty": True}, {"x": " "}, True),
        ({"field": "x", "empty": True}, {"x": []}, True),
        ({"field": "x", "empty": True}, {}, True),
        ({"field": "x", "empty": True}, {"x": 0}, False),
        ({"field": "x", "empty": False}, {"x": 0}, True),
        ({"field": "x", "not": {"in": ["a", "b"]}}, {"x": "c"}, True),
        ({"field": "x", "not": {"in": ["a", "b"]}}, {}, True),
        ({"field": "x", "not": {"in": ["a", "b"]}}, {"x": "a"}, False),
        ({"field": "x", "not": "a"}, {"x": "b"}, True),
        ({"key": "debug", "in": "params", "is": 1}, {"params": [{"key": "debug", "value": {"int_value": 1}}]}, True),
        ({"key": "debug", "in": "params", "is": 1}, {"params": [{"key": "debug", "value": {"int_value": 0}}]}, False),
        ({"field": "x", "as": ["lower"], "is": "ping"}, {"x": "PING"}, True),
    ],
)
def test_a_line_is_left_out(landing: Landing, condition: dict, record: dict, is_skipped: bool):
    kind_folder = landing.path.parent
    contract(kind_folder, {}, skip=[condition])
    landing.put("facts-1", ndjson({**RECORD, **record}), source="shop")
    loaded = landing.load(contracts=[load_contract(kind_folder / "shop.yml")])
    assert (loaded.lines_read, loaded.loaded, loaded.skipped) == (1, int(not is_skipped), int(is_skipped))


def test_the_lines_add_up(landing: Landing):
    contract(landing.path.parent, {}, skip=[{"field": "what", "is": "ping"}, {"field": "who", "matches": "^bot"}])
    (shop,) = contracts = [load_contract(landing.path.parent / "shop.yml")]
    lines = [
        RECORD,
        RECORD,
        {**RECORD, "what": "ping"},
        {"what": "ping"},
        {**RECORD, "who": "bot_1"},
        b"{",
        {"what": "play"},
    ]
    path = landing.put("facts-1", ndjson(*lines), source="shop")
    loaded = landing.load_and_publish(contracts=contracts)
    assert str(loaded) == f"{DAY}: 7 lines read = 1 loaded + 1 duplicates + 2 quarantined + 3 skipped"
    assert files_of(loaded) == [("facts-1", 7, 1, 1, 2)]
    assert landing.codes() == [(6, "malformed_json"), (7, "missing_value")]
    expected = [(7, 1, 1, 2, 3)]
    for table in ("ops.load", "ops.file_load", "ops.file_volume", "ops.day_status"):
        assert landing.query(f"select lines_read, loaded, duplicates, quarantined, skipped from {table}") == expected
    assert landing.query("select quarantined_share::float from ops.day_status") == [(0.5,)]  # of those that were meant
    assert landing.load(contracts=contracts).unchanged
    assert landing.load(contracts=contracts).skipped == 3
    checked = check(UPath(path), DAY, shop)
    assert (checked.loaded, checked.duplicates, checked.quarantined, checked.skipped) == (1, 1, 2, 3)


def test_a_line_that_is_lost_cannot_be_written(landing: Landing):
    landing.events({"event_id": "e1", "event": "like", "ts": RECORD["at"], "user_id": "u"})
    landing.load()
    for table in ("ops.load", "ops.file_load"):
        with pytest.raises(psycopg2.errors.CheckViolation):
            landing.query(f"update {table} set skipped = 1 returning 1")


def test_a_warehouse_from_before_skipping_is_taken_over(landing: Landing, postgres_server, warehouse):
    landing.events({"event_id": "e1", "event": "like", "ts": RECORD["at"], "user_id": "u"})
    landing.load_and_publish()
    connection = postgres_server.connect(warehouse.database)
    with connection, connection.cursor() as cursor:
        for table in ("load", "file_load"):
            cursor.execute(f"alter table ops.{table} drop column skipped cascade")
            cursor.execute(
                f"alter table ops.{table} add constraint {table}_check"
                " check (lines_read = loaded + duplicates + quarantined)"
            )
        cursor.execute("alter table ops.quarantine drop column derived_kind cascade")
        cursor.execute("alter table ops.quarantine add constraint quarantine_pkey primary key (load_id, path, line_no)")
        for _ in range(2):
            for name in ("03_ops.sql", "04_ops_views.sql"):
                cursor.execute((ROOT / "sql" / "ddl" / name).read_text())
        cursor.execute("update ops.file_load set lines_read = 3, skipped = 2")
    connection.close()
    assert landing.query("select lines_read, loaded, skipped from ops.file_volume") == [(3, 1, 2)]


CHANGES = {"target": "user_changes", "event_types": None}
COLUMNS = {"event_type": None, "event_ts": None, "user_id": "who"}


@pytest.mark.parametrize(
    ("op", "record", "expected"),
    [
        ({"deleted_when": {"field": "deleted_at", "empty": False}}, {"deleted_at": None}, "upsert"),
        ({"deleted_when": {"field": "deleted_at", "empty": False}}, {"deleted_at": "2026-03-02"}, "delete"),
        ({"deleted_when": {"field": "state", "in": ["gone", "banned"]}}, {"state": "banned"}, "delete"),
        ({"deleted_when": {"field": "state", "in": ["gone", "banned"]}}, {}, "upsert"),
        ({"field": "d", "as": [{"map": {"true": "delete"}, "else": "upsert"}]}, {"d": True}, "delete"),
        ({"field": "d", "as": [{"map": {"true": "delete"}, "else": "upsert"}]}, {"d": False}, "upsert"),
        ({"field": "d", "as": [{"map": {"D": "delete", "I": "upsert", "U": "upsert"}}]}, {"d": "U"}, "upsert"),
    ],
)
def test_what_is_a_deletion(tmp_path: Path, op: dict, record: dict, expected: str):
    kind = contract(tmp_path, {**COLUMNS, "changed_at": {"load_date": True}, "op": op}, **CHANGES)
    found = row(kind, {"who": "u", **record})
    assert (found["op"], found["changed_at"]) == (expected, f"{DAY} 00:00:00+00:00")


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"skip": {"field": "x", "is": "a"}}, "skip is"),
        ({"skip": ["x"]}, "skip[1] is 'x'"),
        ({"skip": [{"field": "x"}]}, "0 tests given"),
        ({"skip": [{"field": "x", "is": "a", "empty": True}]}, "2 tests given"),
        ({"skip": [{"is": "a"}]}, "no origin given"),
        ({"skip": [{"field": "x", "is": None}]}, "compares with [None]"),
        ({"skip": [{"field": "x", "in": []}]}, "compares with []"),
        ({"skip": [{"field": "x", "in": "a"}]}, "in is 'a'"),
        ({"skip": [{"field": "x", "matches": "("}]}, "no regular expression"),
        ({"skip": [{"field": "x", "empty": "yes"}]}, "empty is 'yes'"),
        ({"skip": [{"field": "x", "not": {"not": "a"}}]}, "unknown key not"),
    ],
)
def test_a_wrong_condition_names_its_place(tmp_path: Path, keys: dict, complaint: str):
    with pytest.raises(ContractError) as caught:
        contract(tmp_path, {}, **keys)
    assert complaint in str(caught.value) and "files.facts" in str(caught.value) and "Remedy" in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "keys", "complaint"),
    [
        ({"op": {"deleted_when": {"field": "x"}}}, {}, "0 tests given"),
        ({"op": {"deleted_when": {"field": "x", "empty": True}, "field": "y"}}, {}, "unknown key field"),
        (
            {"op": {"deleted_when": {"field": "x", "empty": True}}},
            {"constants": {"op": "upsert"}},
            "keep one of the two",
        ),
    ],
)
def test_a_wrong_deletion_names_its_place(tmp_path: Path, columns: dict, keys: dict, complaint: str):
    with pytest.raises(ContractError, match=complaint):
        contract(tmp_path, {**COLUMNS, "changed_at": "at", **columns}, **CHANGES, **keys)
