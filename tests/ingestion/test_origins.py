"""Where the value of a column comes from, and what of a record is left for `properties`."""

import copy
import csv
import io
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from upath import UPath

from ingestion.contract_yaml import load_contract
from ingestion.contracts import FileContract
from ingestion.errors import ContractError, LoadError, Rejected
from ingestion.landing import DayFile
from ingestion.mapping import Mapper
from ingestion.origins import parse_path, spots_tree, without
from ingestion.rows import FileRows
from tests.ingestion.helpers import DAY, Landing, ndjson

BASE = {"event_type": "what", "event_ts": "at", "user_id": "who"}
RECORD = {"what": "play", "at": "2026-03-02T07:12:33Z", "who": "u"}


def contract(folder: Path, columns: dict, **keys) -> FileContract:
    """A source `shop` of one kind of file, `facts`, with these columns beside those that every event needs."""
    kind = {
        "patterns": ["facts-*"],
        "format": "ndjson",
        "target": "user_events",
        "event_types": {"play": "content_start"},
        "columns": {name: origin for name, origin in {**BASE, **columns}.items() if origin is not None},
        **keys,
    }
    about = {"description": "A shop.", "cadence": "irregular", "earliest": DAY.replace(year=2015)}
    path = folder / "shop.yml"
    path.write_text(yaml.safe_dump({**about, "files": {"facts": kind}}))
    return load_contract(path).files[0]


def row(kind: FileContract, record: dict, file_name: str = "facts-1.json") -> dict[str, str]:
    cells = Mapper(kind, DAY, 1, file_name).row(7, record)[:-1].split("\t")
    return {name: cell for name, cell in zip(kind.target.copy_columns, cells, strict=True) if cell != r"\N"}


def made(folder: Path, origin, record: dict, column: str = "platform", **keys) -> tuple[str | None, dict | None]:
    """What one column gets, and what is left for properties."""
    before = copy.deepcopy(record)
    found = row(contract(folder, {column: origin}, **keys), {**RECORD, **record})
    assert record == before, "the record is not ours to change"
    left = found.get("properties", "null").replace(r"\\", "\\")  # as COPY reads it
    return found.get(column), json.loads(left)


ENTITY = [{"key": "a/1", "value": None}, {"key": "a/2", "value": {"x": {"y": "b"}}}]
PARAMETERS = [
    {"key": "page", "value": {"string_value": "/a", "int_value": None}},
    {"key": "visit", "value": {"string_value": None, "int_value": 7}},
    {"key": "none", "value": {"string_value": None}},
]


@pytest.mark.parametrize(
    ("origin", "record", "value", "left"),
    [
        ("x", {"x": "a", "y": 1}, "a", {"y": 1}),
        ("x.y", {"x": {"y": "a", "z": 1}}, "a", {"x": {"z": 1}}),
        ("x.y", {"x": {"y": "a"}}, "a", None),
        ("x.y.z", {"x": {"y": {"z": "a"}, "k": {}}}, "a", {"x": {"k": {}}}),
        ("x.y", {"x.y": "flat", "x": {"y": "deep"}}, "flat", {"x": {"y": "deep"}}),
        ("x.y", {"x.y": None, "x": {"y": "deep"}}, None, {"x": {"y": "deep"}}),
        ("x.y", {"x": "text"}, None, {"x": "text"}),
        ("x.y", {"x": None}, None, None),
        ("x[1].y", {"x": [{"y": "a"}, {"y": "b"}]}, "b", {"x": [{"y": "a"}, None]}),
        ("x[0].y", {"x": [{"y": "a", "z": 1}]}, "a", {"x": [{"z": 1}]}),
        ("x[0].y", {"x": [{"y": "a"}]}, "a", None),
        ("x[2].y", {"x": [{"y": "a"}]}, None, {"x": [{"y": "a"}]}),
        ("x[0].y", {"x": {"y": "a"}}, None, {"x": {"y": "a"}}),
        ("x[only].y", {"x": [{"y": "a", "z": 1}]}, "a", {"x": [{"z": 1}]}),
        ("x[only].y", {"x": [{"y": "a"}, {"y": "b"}]}, None, {"x": [{"y": "a"}, {"y": "b"}]}),
        ("x[only].y", {"x": []}, None, {"x": []}),
        ("x[only].y", {"x": {"only": {"y": "a"}}}, None, {"x": {"only": {"y": "a"}}}),
        ({"path": "x[only]"}, {"x": '["a"]'}, "a", None),
        ({"field": "x.y"}, {"x.y": "flat"}, "flat", None),
        ({"field": "x.y"}, {"x": {"y": "deep"}}, None, {"x": {"y": "deep"}}),
        ({"path": "x.y"}, {"x.y": "flat", "x": {"y": "deep"}}, "deep", {"x.y": "flat"}),
        ({"path": ["x", "a.b", 0]}, {"x": {"a.b": ["c"]}}, "c", None),
        ({"path": "x.y"}, {"x": '{"y": "a", "z": 1}'}, "a", {"x": {"z": 1}}),
        ({"path": "x.y"}, {"x": '{"y": '}, None, {"x": '{"y": '}),
        ({"key": "page", "in": "p"}, {"p": PARAMETERS}, "/a", {"p": PARAMETERS[1:]}),
        ({"key": "visit", "in": "p"}, {"p": PARAMETERS}, "7", {"p": [PARAMETERS[0], PARAMETERS[2]]}),
        ({"key": "none", "in": "p"}, {"p": PARAMETERS}, None, {"p": PARAMETERS[:2]}),
        ({"key": "no", "in": "p"}, {"p": PARAMETERS}, None, {"p": PARAMETERS}),
        ({"key": "page", "in": "p"}, {"p": {"page": "/a", "b": 1}}, "/a", {"p": {"b": 1}}),
        ({"key": "page", "in": "q.p"}, {"q": {"p": json.dumps(PARAMETERS)}}, "/a", {"q": {"p": PARAMETERS[1:]}}),
        ({"key": "a", "in": "p", "key_name": "n", "value_name": "v"}, {"p": [{"n": "a", "v": "b"}]}, "b", None),
        ({"key": "a/1-*", "in": "p"}, {"p": [{"key": "a/1-2", "value": "b"}]}, "b", None),
        ({"key": "a/1*", "in": "p"}, {"p": [{"key": "a/2", "value": 1}]}, None, {"p": [{"key": "a/2", "value": 1}]}),
        ({"key": "a/*", "in": "p", "at": "x.y"}, {"p": json.dumps(ENTITY)}, "b", {"p": json.dumps(ENTITY)}),
        ({"key": "a/*", "in": "p", "at": "x.z"}, {"p": ENTITY}, None, {"p": ENTITY}),
        ({"key": "a", "in": "p", "at": "x"}, {"p": {"a": {"x": "b"}}}, "b", {"p": {"a": {"x": "b"}}}),
        ({"constant": "web"}, {}, "web", None),
        ({"load_date": True}, {}, "2026-03-02", None),
        ({"file_name": r"^facts-(\w+)"}, {}, "1", None),
        ({"first": ["x", "y"]}, {"x": " ", "y": "b", "z": 1}, "b", {"z": 1}),
        ({"first": ["x", "y"]}, {"x": "a", "y": "b"}, "a", {"y": "b"}),
        ({"first": ["x", "y"]}, {"x": "a", "y": "a"}, "a", None),
        ({"first": ["x", "p.y", {"constant": "c"}]}, {"p": {"y": ""}}, "c", None),
        ({"join": ["x", "p.y"], "with": "/"}, {"x": "a", "p": {"y": 7}}, "a/7", None),
        ({"join": ["x", "p.y"], "with": ""}, {"x": "a", "p": {"y": "b"}}, "ab", None),
        ({"join": ["x", "y"], "with": ":"}, {"x": "a"}, None, None),
        ({"join": ["x", {"constant": "c"}], "with": ":", "as": ["upper"]}, {"x": "a"}, "A:C", None),
        ({"field": "x", "as": ["trim", "lower"]}, {"x": " A "}, "a", None),
        ({"field": "x", "as": ["integer_text"]}, {"x": 873.0}, "873", None),
        # What loses content leaves it in properties.
        ({"field": "x", "as": ["url_path"]}, {"x": "https://e.org/a?b=1"}, "/a", {"x": "https://e.org/a?b=1"}),
        ({"path": "x.y", "as": [{"map": {"a": "b"}}]}, {"x": {"y": "a"}}, "b", {"x": {"y": "a"}}),
        ({"first": ["x", {"field": "y", "as": ["host"]}]}, {"y": "https://e.org"}, "e.org", {"y": "https://e.org"}),
        ({"join": ["x", {"field": "y", "as": ["hash"]}], "with": ":"}, {"x": "a"}, None, None),
        ({"field": "x", "as": ["host"]}, {"x": None}, None, None),
        # A text that the transform makes is escaped for COPY like any other.
        ({"field": "x", "as": [{"url_parameter": "a"}]}, {"x": "?a=b%09c"}, r"b\tc", {"x": "?a=b%09c"}),
    ],
)  # fmt: skip
def test_a_value_and_what_is_left(tmp_path: Path, origin, record: dict, value: str | None, left: dict | None):
    assert made(tmp_path, origin, record) == (value, left)


@pytest.mark.parametrize(
    ("origin", "record"),
    [
        ("x.y", {"x": {"y": {"z": 1}}}),
        ("x.y", {"x": {"y": [1]}}),
        ({"field": "x", "as": ["integer_text"]}, {"x": 8.5}),
        ({"join": ["x", "y"], "with": ":"}, {"x": 8.5, "y": "a"}),
        ({"join": ["x", "y"], "with": ":"}, {"x": True, "y": "a"}),
    ],
)
def test_a_value_of_the_wrong_type_is_held_back(tmp_path: Path, origin, record: dict):
    with pytest.raises(Rejected) as caught:
        made(tmp_path, origin, record)
    assert caught.value.code == "invalid_value" and "platform" in caught.value.detail


BY_TYPE = [
    {"field": "id", "as": ["integer_text"], "when": {"field": "type", "in": ["book", "course"]}},
    {"path": "ref.id", "when": {"field": "type", "is": "link"}},
]


@pytest.mark.parametrize(
    ("origin", "record", "value", "left"),
    [
        (BY_TYPE[0], {"id": "7.0", "type": "book"}, "7", {"type": "book"}),
        (BY_TYPE[0], {"id": "7.0", "type": "song"}, None, {"id": "7.0", "type": "song"}),
        (BY_TYPE[0], {"id": "x", "type": "song"}, None, {"id": "x", "type": "song"}),  # a book would be held back
        (BY_TYPE[0], {"id": "7.0"}, None, {"id": "7.0"}),
        (BY_TYPE[0], {"type": "book"}, None, {"type": "book"}),
        ({"first": BY_TYPE}, {"id": 7, "type": "book", "ref": {"id": "r"}}, "7", {"type": "book", "ref": {"id": "r"}}),
        ({"first": BY_TYPE}, {"id": 7, "type": "link", "ref": {"id": "r"}}, "r", {"type": "link", "id": 7}),
        ({"first": BY_TYPE}, {"id": 7, "type": "song"}, None, {"type": "song", "id": 7}),
        ({"first": [BY_TYPE[0], "ref.id"]}, {"id": 7, "type": "a", "ref": {"id": "r"}}, "r", {"type": "a", "id": 7}),
        ({"join": [BY_TYPE[0], "type"], "with": "-"}, {"id": 7, "type": "book"}, "7-book", None),
        ({"join": [BY_TYPE[0], "type"], "with": "-"}, {"id": 7, "type": "a"}, None, {"id": 7}),
        ({"first": ["a.b", "c"], "when": {"field": "d", "not": "e"}}, {"a.b": "x", "d": 1}, "x", {"d": 1}),
        ({"first": ["a.b", "c"], "when": {"field": "d", "not": "e"}}, {"a": {"b": "x"}, "d": 1}, "x", {"d": 1}),
        ({"first": ["a.b", "c"], "when": {"field": "d", "not": "e"}}, {"c": "x", "d": "e"}, None, {"c": "x", "d": "e"}),
        ({"constant": "web", "when": {"field": "type", "empty": False}}, {"type": "x"}, "web", {"type": "x"}),
        ({"constant": "web", "when": {"field": "type", "empty": False}}, {}, None, None),
        ({"field": "type", "when": {"field": "type", "matches": "^b"}}, {"type": "book"}, "book", None),
    ],
)  # fmt: skip
def test_an_origin_holds_for_some_lines(tmp_path: Path, origin, record: dict, value: str | None, left: dict | None):
    assert made(tmp_path, origin, record, "content_id") == (value, left)


def test_in_a_file_each_line_finds_its_own(tmp_path: Path):
    kind = contract(
        tmp_path,
        {"content_id": {"first": BY_TYPE}, "product_id": {"field": "id", "when": {"not": "book", "field": "type"}}},
    )
    kinds = ["book", "link", "song"] * 100  # more than are looked at before a function is made for the rest
    records = [{**RECORD, "id": n, "type": each, "ref": {"id": f"r{n}"}} for n, each in enumerate(kinds)]
    path = tmp_path / "facts-1"
    path.write_bytes(ndjson(*records))
    rows = FileRows(DayFile(UPath(path), path.name, 1, kind), DAY, 1, io.BytesIO())
    content, product = (kind.target.copy_columns.index(column) for column in ("content_id", "product_id"))
    found = [line.split("\t") for line in b"".join(rows.chunks()).decode().splitlines()]
    assert [(cells[content], cells[product]) for cells in found] == [
        (str(n) if each == "book" else f"r{n}" if each == "link" else r"\N", r"\N" if each == "book" else str(n))
        for n, each in enumerate(kinds)
    ]


def test_a_time_may_hold_for_some_lines(tmp_path: Path):
    when = {"field": "kind", "is": "a"}
    origin = {"first": [{"field": "at", "when": when}, "then"], "timestamps": "%d.%m.%Y", "time_zone": "Europe/Berlin"}
    kind = contract(tmp_path, {"event_ts": origin})
    assert row(kind, {**RECORD, "at": "02.03.2026", "kind": "a"})["event_ts"].startswith("2026-03-01 23:00")
    assert row(kind, {**RECORD, "then": "01.03.2026", "kind": "b"})["event_ts"].startswith("2026-02-28 23:00")


def test_a_condition_upon_a_column_that_a_csv_has_not(tmp_path: Path):
    kind = contract(tmp_path, {"content_id": BY_TYPE[0]}, format="csv")
    path = tmp_path / "facts-1"
    path.write_text("what,at,who,id\nplay,2026-03-02T07:12:33Z,u,7\n")
    held_back = io.BytesIO()
    rows = FileRows(DayFile(UPath(path), path.name, 1, kind), DAY, 1, held_back)
    assert b"".join(rows.chunks()) == b""
    assert b"the header has no type; it is: what, at, who, id" in held_back.getvalue()


def test_the_mapped_object_loses_what_other_columns_take(tmp_path: Path):
    columns = {"properties": "facts", "content_id": "facts.id", "os": {"field": "os", "as": ["hash"]}}
    record = {**RECORD, "facts": {"id": "c", "plan": "annual"}, "other": 1, "os": "iOS"}
    found = row(contract(tmp_path, columns), record)
    assert found["content_id"] == "c"
    assert json.loads(found["properties"]) == {"other": 1, "os": "iOS", "plan": "annual"}


def test_a_field_with_the_name_of_a_key_of_the_mapped_object_is_kept_beside_it(tmp_path: Path):
    found = row(contract(tmp_path, {"properties": "facts"}), {**RECORD, "plan": "free", "facts": {"plan": "annual"}})
    assert json.loads(found["properties"]) == {"plan": "annual", "plan (2)": "free"}


def test_ignore_drops_a_field_a_path_and_what_was_hashed(tmp_path: Path):
    columns = {"order_id": {"field": "email", "as": ["hash"]}}
    kind = contract(tmp_path, columns, ignore=["email", "context.ip", "a.b"])
    record = {**RECORD, "email": "a@example.org", "context": {"ip": "10.0.0.1", "k": 1}, "a.b": 2}
    found = row(kind, record)
    assert len(found["order_id"]) == 64
    assert json.loads(found["properties"]) == {"context": {"k": 1}}


def test_a_column_may_have_times_of_its_own(tmp_path: Path):
    changed_at = {"file_name": r"^facts-(\d{8})", "timestamps": "%Y%m%d", "time_zone": "Europe/Berlin"}
    columns = {**dict.fromkeys(BASE), "changed_at": changed_at, "user_id": "who", "signup_at": "since"}
    kind = contract(
        tmp_path,
        columns,
        target="user_changes",
        timestamps="unix_seconds",
        constants={"op": "upsert"},
        event_types=None,
    )
    found = row(kind, {"who": "u", "since": 1772435553}, "facts-20260301.ndjson")
    assert found["changed_at"] == "2026-02-28 23:00:00+00:00"
    assert found["signup_at"] == "2026-03-02 07:12:33+00:00"
    kind = contract(
        tmp_path,
        {**columns, "changed_at": {"load_date": True}, "signup_at": {"field": "since", "timestamps": "%d.%m.%Y"}},
        **{"target": "user_changes", "timestamps": "unix_seconds", "constants": {"op": "upsert"}, "event_types": None},
    )
    found = row(kind, {"who": "u", "since": "02.03.2026"})
    assert (found["changed_at"], found["signup_at"]) == ("2026-03-02 00:00:00+00:00", "2026-03-02 00:00:00+00:00")


def test_a_files_name_that_says_nothing_stops_the_load(tmp_path: Path):
    kind = contract(tmp_path, {"platform": {"file_name": r"-(\d+)\."}})
    with pytest.raises(LoadError, match="Remedy: correct file_name"):
        row(kind, RECORD, "facts-web.ndjson")


def test_a_csv_has_names_and_paths_into_json(tmp_path: Path):
    columns = {"user_id": "user.id", "content_id": {"path": "context.item[0]"}, "os": {"first": ["os", "system"]}}
    kind = contract(tmp_path, columns, format="csv")
    text = io.StringIO()
    csv.writer(text).writerows(
        [["what", "at", "user.id", "context", "system"], ["play", RECORD["at"], "u", '{"item": ["c"], "k": 1}', "iOS"]]
    )
    (found,), held = read(tmp_path, kind, text.getvalue().encode())
    assert (found["user_id"], found["content_id"], found["os"], held) == ("u", "c", "iOS", b"")
    assert json.loads(found["properties"]) == {"context": {"k": 1}}
    rows, held = read(tmp_path, kind, b"what,at,user.id,context\nplay,2026-03-02,u,{}\n")
    assert rows == [] and b"the header has no os, system" in held


def read(folder: Path, kind: FileContract, content: bytes) -> tuple[list[dict[str, str]], bytes]:
    path = folder / "facts-1"
    path.write_bytes(content)
    held = io.BytesIO()
    chunks = b"".join(FileRows(DayFile(UPath(path), "shop/facts-1", 1, kind), DAY, 1, held).chunks()).decode()
    names = kind.target.copy_columns
    return [dict(zip(names, line.split("\t"), strict=True)) for line in chunks.splitlines()], held.getvalue()


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ({"user_id": "user.uid"}, "no record has user.uid (column user_id)"),
        ({"event_ts": "time"}, "no record has time (column event_ts)"),
        ({"user_id": "user.uid", "anonymous_id": "anon"}, "user.uid (column user_id) or anon (column anonymous_id)"),
        ({"event_id": {"key": "id", "in": "params"}}, "no record has params.id (a key)"),
        ({"event_id": {"join": ["at", "nr"], "with": ":"}}, "no record has at, nr joined"),
    ],
)
def test_what_no_record_has_is_an_error_of_the_contract(tmp_path: Path, columns: dict, complaint: str):
    record = {"what": "play", "at": RECORD["at"], "user": {"id": "u"}, "params": [{"key": "a", "value": 1}]}
    kind = contract(tmp_path, {"user_id": "user.id", **columns})
    with pytest.raises(LoadError) as caught:
        read(tmp_path, kind, ndjson(*[record] * 10))
    message = str(caught.value)
    assert complaint in message and "user.id" in message and "files.facts of" in message and "Remedy: " in message
    rows, held = read(tmp_path, kind, ndjson(*[record] * 9))  # too few to say that it is not one bad line
    assert rows == [] and held.count(b"missing_value") == 9


@pytest.mark.parametrize(
    "record",
    [
        {"what": "play", "at": RECORD["at"], "user": {"id": None}},  # it is there, and null
        {"what": "play", "at": "yesterday", "user": {"id": "u"}},  # it is there, and wrong
    ],
)
def test_a_day_of_bad_lines_is_no_error_of_the_contract(tmp_path: Path, record: dict):
    rows, held = read(tmp_path, contract(tmp_path, {"user_id": "user.id"}), ndjson(*[record] * 20))
    assert rows == [] and held.count(b"\n") == 20


def test_one_good_line_proves_the_contract(tmp_path: Path):
    good = {"what": "play", "at": RECORD["at"], "user": {"id": "u"}}
    bad = {"what": "play", "at": RECORD["at"]}
    kind = contract(tmp_path, {"user_id": "user.id", "platform": "context.absent"})
    rows, held = read(tmp_path, kind, ndjson(*[bad] * 20, good))
    assert len(rows) == 1 and held.count(b"missing_value") == 20


def test_the_load_stops_and_says_what_is_not_there(landing: Landing):
    landing.events(*[{"event": "like", "ts": RECORD["at"], "user_id": "u", "eventId": str(n)} for n in range(10)])
    with pytest.raises(LoadError, match=r"no record has event_id .*The records have eventId, "):
        landing.load()


@pytest.mark.parametrize(
    ("origin", "complaint"),
    [
        ({"field": "a", "path": "b"}, "field and path given"),
        ({"as": ["trim"]}, "no origin given"),
        ({"fields": "a"}, "unknown key fields"),
        ({"path": "a..b"}, "'a..b', no path"),
        ({"path": [0]}, "[0], no path"),
        ({"path": []}, "[], no path"),
        ({"field": "a", "in": "b"}, "in given without key"),
        ({"field": "a", "with": ":"}, "with given without join"),
        ({"key": "a"}, "in is missing"),
        ({"join": ["a", "b"]}, "with is missing"),
        ({"join": ["a"], "with": ":"}, "join has 1 origins"),
        ({"first": "a"}, "first is 'a'"),
        ({"first": ["a", 7]}, "first[2] is 7"),
        ({"first": ["a", {"field": "b", "as": ["twist"]}]}, "as[1] is 'twist', no transform"),
        ({"load_date": False}, "load_date is false"),
        ({"file_name": "facts"}, "with 0 groups"),
        ({"file_name": "("}, "no regular expression"),
        ({"field": "a", "as": "trim"}, "as is 'trim'"),
        ({"field": "a", "as": [{"regex": "(a)(b)"}]}, "with 2 groups"),
        ({"field": "a", "as": [{"map": {"x": True}}]}, "put them in quotes"),
        ({"field": "a", "as": [{"map": {"x": "y"}, "otherwise": "z"}]}, "unknown key otherwise"),
        ({"field": "a", "as": [{"user_agent": "engine"}]}, "user_agent is 'engine'"),
        ({"field": "a", "timestamps": "iso"}, "the column is no timestamp"),
        ({"constant": 7}, "constant is 7"),
        (7, "columns.platform is 7"),
        ({"field": "a", "when": "b"}, "when is 'b'"),
        ({"field": "a", "when": {"field": "b"}}, "0 tests given"),
        ({"field": "a", "when": {"is": "b"}}, "no origin given"),
        ({"field": "a", "when": {"field": "b", "is": "c", "when": {"field": "d", "is": "e"}}}, "when has a when"),
        ({"when": {"field": "b", "is": "c"}}, "no origin given"),
    ],
)  # fmt: skip
def test_a_wrong_origin_names_its_place(tmp_path: Path, origin, complaint: str):
    with pytest.raises(ContractError) as caught:
        contract(tmp_path, {"platform": origin})
    message = str(caught.value)
    assert complaint in message and "files.facts" in message and "\nRemedy: " in message


@pytest.mark.parametrize(
    ("columns", "keys", "complaint"),
    [
        ({"properties": {"first": ["a", "b"]}}, {}, "properties is an object as it is"),
        ({"properties": {"field": "a", "as": ["lower"]}}, {}, "properties is an object as it is"),
        ({"properties": {"field": "a", "when": {"field": "b", "is": "c"}}}, {}, "properties is an object as it is"),
        ({"user_id": {"constant": "u"}}, {}, "constants sets user_id"),
        ({"platform": {"constant": "web"}}, {"constants": {"platform": "ios"}}, "has a constant in columns and in"),
        ({"event_ts": {"field": "at", "timestamps": "soon"}}, {}, "columns.event_ts: timestamps is 'soon'"),
        ({}, {"timestamps": "unix_seconds", "time_zone": "Europe/Berlin"}, "the same everywhere"),
        ({}, {"time_zone": "Berlin"}, "no time zone of the IANA database"),
        ({"platform": "x.y"}, {"ignore": ["who"]}, "who is mapped and ignored"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, columns: dict, keys: dict, complaint: str):
    with pytest.raises(ContractError, match=complaint):
        contract(tmp_path, columns, **keys)


# Nothing is lost: whatever is taken away, the rest is what an independent walk over the leaves finds.

names = st.sampled_from(["a", "b", "c"])
trees = st.recursive(
    st.one_of(st.integers(0, 9), st.text("xy", max_size=2)),
    lambda inner: st.one_of(
        st.dictionaries(names, inner, min_size=1, max_size=3), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)
steps = st.lists(st.one_of(names, st.integers(0, 2)), min_size=1, max_size=4).map(tuple)


def leaves(value, way: tuple = ()) -> dict[tuple, object]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below: dict[tuple, object] = {}
    for step, each in inner:
        below |= leaves(each, (*way, step))
    return below if isinstance(value, dict | list) else {} if value is None else {way: value}


@given(
    st.dictionaries(names, trees, min_size=1),
    st.lists(names.flatmap(lambda first: steps.map(lambda rest: (first, *rest))), max_size=4),
)
def test_what_is_left_is_all_that_was_not_taken(record: dict, spots: list[tuple]):
    before = copy.deepcopy(record)
    expected = {
        way: value for way, value in leaves(record).items() if not any(way[: len(spot)] == spot for spot in spots)
    }
    assert leaves(without(record, spots_tree(spots)) or {}) == expected
    assert record == before


@given(st.lists(st.one_of(names, st.integers(0, 9)), max_size=4).map(lambda rest: ("a", *rest)))
def test_a_path_is_read_as_it_is_written(steps: tuple):
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)[1:]
    assert parse_path(written) == steps
