"""Lines to rows: what is held back and why, and that the fast mapper gives what the exact one gives."""

import datetime
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.contracts import FileContract, Rule
from ingestion.errors import Rejected
from ingestion.fast_events import Doubt, FastEvents
from ingestion.formats import Ndjson
from ingestion.json_text import DEEPEST
from ingestion.mapping import Mapper, Texts, content_hash
from ingestion.targets import LONGEST_ID
from tests.ingestion.helpers import APP, DAY, event

EVENTS, USERS = APP.files[:2]


def exact(line: bytes, contract: FileContract = EVENTS) -> str:
    return Mapper(contract, DAY, 3).row(7, Ndjson(contract).record(line))


def mapped(line: bytes | dict, contract: FileContract = EVENTS) -> dict[str, str]:
    """The row as COPY text by column."""
    content = json.dumps(line).encode() if isinstance(line, dict) else line
    row = exact(content, contract)
    assert row.endswith("\n")
    return dict(zip(contract.target.copy_columns, row[:-1].split("\t"), strict=True))


def rejected(line: bytes | dict, contract: FileContract = EVENTS) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        mapped(line, contract)
    assert caught.value.detail
    return caught.value.stage, caught.value.code


def fast(line: bytes, contract: FileContract = EVENTS) -> str | None:
    try:
        return FastEvents(contract, DAY, 3).batch([line])(7, line)
    except Doubt:
        return None


def test_a_row_knows_its_arrival():
    row = mapped(event(1))
    assert [row[column] for column in ("load_date", "file_no", "line_no", "source")] == ["2026-03-02", "3", "7", "app"]


def test_the_actor_is_the_user_else_the_anonymous_visitor():
    assert mapped(event(1, anonymous_id="a_1"))["actor_id"] == "u_1"
    assert mapped(event(1, user_id=None, anonymous_id="a_1"))["actor_id"] == "a_1"


DEEP = b"[" * (DEEPEST - 10) + b"]" * (DEEPEST - 10)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"event_id":"e1"', ("parse", "malformed_json")),
        (b"not json", ("parse", "malformed_json")),
        (b'{"a": NaN}', ("parse", "malformed_json")),
        (b'{"a": Infinity}', ("parse", "malformed_json")),
        (b'{"a": 1} {"b": 2}', ("parse", "malformed_json")),
        (b'{"a": "\\ud800"}', ("parse", "malformed_json")),
        (b'{"a": ' + b"[" * DEEPEST + b"]" * DEEPEST + b"}", ("parse", "malformed_json")),
        (b"[" * 100_000, ("parse", "malformed_json")),
        (b'{"a": 1e400}', ("parse", "invalid_value")),
        (b'{"a": ' + b"9" * 5000 + b"}", ("parse", "invalid_value")),
        (b"[]", ("parse", "not_an_object")),
        (b"null", ("parse", "not_an_object")),
        (b'"retry"', ("parse", "not_an_object")),
        (b'{"a": "\xff"}', ("read", "invalid_utf8")),
        (b'{"a": "\xed\xa0\x80"}', ("read", "invalid_utf8")),
        (b'{"a": "\x00"}', ("read", "nul_byte")),
        (event(1, user_id="a\0b"), ("map", "nul_byte")),
        (event(1, properties={"a": ["b\0"]}), ("map", "nul_byte")),
        (event(1, properties={"a\0": 1}), ("map", "nul_byte")),
        (
            json.dumps(event(1, properties={"a": "deep", "b": "\0"})).encode().replace(b'"deep"', DEEP),
            ("map", "nul_byte"),
        ),
        (event(1, event_id=None), ("map", "missing_value")),
        (event(1, event_id=""), ("map", "missing_value")),
        (event(1, event=None), ("map", "missing_value")),
        (event(1, event="  "), ("map", "missing_value")),
        (event(1, ts=None), ("map", "missing_value")),
        (event(1, user_id=None), ("map", "missing_value")),
        (event(1, user_id=" "), ("map", "missing_value")),
        (event(1, event="content_finish"), ("map", "unknown_event_type")),
        (event(1, event=17), ("map", "unknown_event_type")),
        (event(1, ts="yesterday"), ("map", "unparsable_timestamp")),
        (event(1, ts=1_772_000_000), ("map", "unparsable_timestamp")),
        (event(1, ts="2026-02-30T00:00:00Z"), ("map", "unparsable_timestamp")),
        (event(1, ts="2026-03-02T24:00:00Z"), ("map", "unparsable_timestamp")),
        (event(1, ts="2009-12-31T23:59:59.999Z"), ("map", "ancient_timestamp")),
        (event(1, ts="2026-03-04T00:00:00Z"), ("map", "future_timestamp")),
        (event(1, ts="2026-03-03T23:30:00-01:00"), ("map", "future_timestamp")),
        (event(1, user_id=1.5), ("map", "invalid_value")),
        (event(1, user_id=["u"]), ("map", "invalid_value")),
        (event(1, user_id=True), ("map", "invalid_value")),
        (event(1, user_id="u" * (LONGEST_ID + 1)), ("map", "invalid_value")),
        (event(1, duration_seconds="long"), ("map", "invalid_value")),
        (event(1, duration_seconds=True), ("map", "invalid_value")),
        (event(1, duration_seconds=1e9), ("map", "invalid_value")),
        (event(1, amount=-1e12), ("map", "invalid_value")),
        (event(1, amount="1e999"), ("map", "invalid_value")),
        (event(1, properties="small"), ("parse", "malformed_json")),
        (event(1, properties=[1]), ("map", "invalid_value")),
        (event(1, event="n" * (LONGEST_ID + 1)), ("map", "invalid_value")),
        (event(1, event=["like"]), ("map", "invalid_value")),
        (event(1, event="a\0"), ("map", "nul_byte")),
        (event(1, quantity=1.5), ("map", "invalid_value")),
        (event(1, quantity=2**31), ("map", "invalid_value")),
        (event(1, quantity="two"), ("map", "invalid_value")),
        (event(1, session_id="s" * (LONGEST_ID + 1)), ("map", "invalid_value")),
        (event(1, order_id=1.5), ("map", "invalid_value")),
        (event(1, country=1.5), ("map", "invalid_value")),
        (event(1, platform="fridge"), ("rule", "invalid_value")),
    ],
)
def test_a_bad_line_is_held_back_with_its_code(line, expected):
    assert rejected(line) == expected
    assert fast(line if isinstance(line, bytes) else json.dumps(line).encode()) is None


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"event": "CONTENT_COMPLETE"}, "event_type", "content_complete"),
        ({"platform": "iOS"}, "platform", "ios"),
        ({"currency": "eur"}, "currency", "EUR"),
        ({"user_id": 4711}, "user_id", "4711"),
        ({"ts": "2026-03-02 07:12:33"}, "event_ts", "2026-03-02 07:12:33+00:00"),
        ({"ts": "2026-03-02T07:12:33+02:00"}, "event_ts", "2026-03-02 07:12:33+02:00"),
        ({"ts": "2026-03-02"}, "event_ts", "2026-03-02 00:00:00+00:00"),
        ({"ts": "2026-03-03T23:59:59.999999Z"}, "event_ts", "2026-03-03T23:59:59.999999Z"),
        ({"ts": "2010-01-01T00:00:00Z"}, "event_ts", "2010-01-01T00:00:00Z"),
        ({"amount": "9.99"}, "amount", "9.99"),
        ({"amount": -4.5}, "amount", "-4.5"),
        ({"app_version": " "}, "app_version", r"\N"),
        ({"user_agent": "a\tb\\c\nd"}, "user_agent", r"a\tb\\c\nd"),
        ({"properties": {"b": 1, "a": "x"}}, "properties", '{"a":"x","b":1}'),
        ({"properties": {}}, "properties", "{}"),
        ({"colour": "red", "none": None}, "properties", '{"colour":"red"}'),
        ({"colour": "red", "properties": {"colour": "blue"}}, "properties", '{"colour":"blue","colour (2)":"red"}'),
    ],
)
def test_a_good_value(change: dict, column: str, expected: str):
    assert mapped(event(1, **change))[column] == expected


def test_ids_of_users_visitors_and_namespaces_never_meet():
    """`shop:C-7` of a source without a namespace is nobody of the source whose namespace is shop."""
    line = event(1, user_id="shop:C-7", anonymous_id="shop:a_1")
    row = mapped(line)
    assert (row["user_id"], row["anonymous_id"]) == (":shop:C-7", ":shop:a_1")
    assert fast(json.dumps(line).encode()) is None  # left to the exact mapper


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("content_complete", ("content_complete", "content_complete", "t")),
        ("quiz_answer", ("quiz_answer", "custom", "t")),
        ("subscription_renew", ("subscription_renew", "subscription_renew", "f")),  # a server's, says the vocabulary
        ("push_receive", ("push_receive", "custom", "f")),  # a server's, says the contract
        ("custom", None),  # a name like any other
        ("content_finish", None),
        ("content_complete ", None),
        (17, None),
    ],
)
def test_what_an_event_is(written, told):
    line = event(1, event=written)
    if told is None:
        assert rejected(line) == ("map", "unknown_event_type")
        assert fast(json.dumps(line).encode()) is None
    else:
        row = mapped(line)
        assert (row["event_name"], row["event_type"], row["is_activity"]) == told
        assert fast(json.dumps(line).encode()) is not None


@pytest.mark.parametrize(
    ("changes", "written", "told"),
    [
        ({"custom_events": ("*",)}, "Quiz: answered!", ("Quiz: answered!", "custom", "t")),
        ({"custom_events": ("*",)}, 17, ("17", "custom", "t")),
        ({"custom_events": ("*",)}, "custom", ("custom", "custom", "t")),
        ({"custom_events": ("quiz_*",)}, "QUIZ_answer", ("QUIZ_answer", "custom", "t")),
        ({"custom_events": ("quiz_*",)}, "answer", None),
        ({"custom_events": ()}, "quiz_answer", None),
        ({"no_activity": ("*_complete",)}, "content_complete", ("content_complete", "content_complete", "f")),
        ({"event_types": {"play": "content_start"}}, "play", ("play", "content_start", "t")),
        ({"event_types": {"play": "content_start"}}, "PLAY", ("PLAY", "content_start", "t")),
        ({"event_types": {"nap": "custom"}, "custom_events": ()}, "nap", ("nap", "custom", "t")),
        ({"lower": frozenset({"event_name"}), "custom_events": ("*",)}, "NAP", ("nap", "custom", "t")),
        ({"replace": {"event_name": {"nap": "sleep"}}, "custom_events": ("*",)}, "nap", ("sleep", "custom", "t")),
        ({"columns": {k: v for k, v in EVENTS.columns.items() if k != "event_type"},
          "constants": {"event_type": "scan"}, "custom_events": ("*",)}, None, ("scan", "custom", "t")),
    ],
)  # fmt: skip
def test_a_contract_says_what_an_event_is(changes: dict, written, told):
    lower = frozenset({"event_type", "platform"})
    contract = replace(EVENTS, **{"custom_events": (), "no_activity": (), "lower": lower, **changes})
    line = event(1, event=written)
    if told is None:
        assert rejected(line, contract) == ("map", "unknown_event_type")
    else:
        row = mapped(line, contract)
        assert (row["event_name"], row["event_type"], row["is_activity"]) == told
        quick = fast(json.dumps(line).encode(), contract) if FastEvents.covers(contract) else None
        assert quick is None or canonical(quick) == canonical(exact(json.dumps(line).encode(), contract))


def test_what_an_event_carries():
    fields = {
        **{"country": "DE", "language": "de", "device_type": "mobile", "os": "iOS", "browser": "Safari"},
        **{"page_path": "/blog", "referrer": "https://example.org/", "utm_source": "news", "utm_medium": "email"},
        **{"utm_campaign": "spring", "session_id": "s_1", "order_id": "o_1", "quantity": 2},
    }
    contract = replace(EVENTS, namespace="shop")
    row = mapped(event(1, **{**fields, "country": "de", "quantity": "2.0"}), contract)
    ids = {"session_id": "shop:s_1", "order_id": "shop:o_1"}
    assert {column: row[column] for column in fields} == {**fields, **ids, "quantity": "2"}
    line = json.dumps(event(1, **fields)).encode()
    assert canonical(fast(line, contract)) == canonical(exact(line, contract))


@pytest.mark.parametrize(("session_id", "is_session"), [("s_1", "t"), (" ", "f"), (None, "f")])
def test_a_producers_session(session_id: str | None, is_session: str):
    line = json.dumps(event(1, session_id=session_id)).encode()
    producer = replace(EVENTS, producer_sessions=True)
    assert (mapped(line)["is_producer_session"], mapped(line, producer)["is_producer_session"]) == ("f", is_session)
    quick = fast(line, producer)
    assert (quick is not None) == (session_id != " ")
    assert quick is None or canonical(quick) == canonical(exact(line, producer))


def test_the_last_of_two_equal_keys_counts():
    line = json.dumps(event(1)).encode()[:-1] + b',"user_id":"u_2"}'
    assert mapped(line)["user_id"] == "u_2"
    assert "\tu_2\t" in fast(line)


def test_an_id_carries_its_namespace():
    contract = replace(EVENTS, namespace="shop")
    row = mapped(event(1, anonymous_id="a_1", product_id="p_1"), contract)
    assert (row["actor_id"], row["user_id"], row["anonymous_id"]) == ("shop:u_1", "shop:u_1", "shop:a_1")
    assert (row["content_id"], row["product_id"], row["event_id"]) == ("shop:c_12", "shop:p_1", "e1")


@pytest.mark.parametrize(("form", "value"), [("unix_seconds", 1772435553.12), ("unix_milliseconds", "1772435553120")])
def test_timestamps_can_be_numbers(form: str, value):
    row = mapped(event(1, ts=value), replace(EVENTS, timestamps=form))
    assert row["event_ts"] == "2026-03-02 07:12:33.120000+00:00"


def test_a_field_can_be_ignored_and_a_value_replaced():
    contract = replace(EVENTS, ignore=frozenset({"noise"}), replace={"platform": {"iphone": "ios"}})
    row = mapped(event(1, platform="iPhone", noise=1), contract)
    assert (row["platform"], row["properties"]) == ("ios", r"\N")
    assert not FastEvents.covers(contract)


def test_the_fast_mapper_replaces_values_too():
    contract = replace(EVENTS, replace={"platform": {"iphone": "ios"}})
    assert FastEvents.covers(contract)
    assert fast(json.dumps(event(1, platform="iPhone")).encode(), contract) == fast(json.dumps(event(1)).encode())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ("rule", "missing_value")),
        ({"amount": 0}, ("rule", "invalid_value")),
        ({"amount": -1.0}, ("rule", "invalid_value")),
        ({"amount": 3}, None),
        ({"event": "like"}, None),
    ],
)
def test_a_rule_may_hold_for_some_events_only(change: dict, expected):
    rule = Rule("amount", required=True, positive=True, one_of=None, when=frozenset({"purchase"}))
    contract = replace(EVENTS, rules=(rule,))
    line = event(1, **{"event": "purchase", **change})
    if expected is None:
        assert mapped(line, contract) and fast(json.dumps(line).encode(), contract)
    else:
        assert rejected(line, contract) == expected
        assert fast(json.dumps(line).encode(), contract) is None


def test_the_hash_is_that_of_the_content():
    one = {"event_type": "play", "user_id": "user_1", "duration": 3}
    same = {"duration": 3, "user_id": "user_1", "event_type": "play"}
    assert content_hash("podcast", one) == content_hash("podcast", same)
    assert content_hash("podcast", one) != content_hash("podcast", {**one, "duration": 4})
    assert content_hash("podcast", one) != content_hash("app", one)
    # Pinned: a changed hash would turn every event that lands again into a new one.
    assert content_hash("podcast", {"event_type": "play", "user_id": "user_1"}) == "5b0d4c6a2bd93f2d9bdccc167f4e65b6"


def test_a_deletion_needs_nothing_but_its_key():
    contract = replace(USERS, required=("country",), rules=(Rule("plan", True, False, None, None),))
    mapper = Mapper(contract, DAY, 1)
    fields = dict.fromkeys(contract.columns.values(), "")
    deletion = {**fields, "user_id": "u_1", "changed_at": "2026-03-01T00:00:00Z", "op": "DELETE"}
    assert mapper.row(2, deletion).split("\t")[6] == "delete"
    with pytest.raises(Rejected, match="country"):
        mapper.row(2, {**deletion, "op": "upsert"})


def test_texts_are_remembered_up_to_a_number_and_a_length():
    texts = Texts(lambda column, value: str(value).upper(), "os", None, "none", most=2)
    assert [texts[value] for value in ("a", 1, True, None, "b" * 401, "c", "d", "a")] == (
        ["A", "1", "TRUE", "none", "B" * 401, "C", "D", "A"]
    )
    assert dict(texts) == {"a": "A", None: "none"}


# The fast mapper, against the exact one

EARLIEST = datetime.datetime(2010, 1, 1, tzinfo=datetime.UTC)
texts = st.one_of(st.text(max_size=12), st.sampled_from(["", " ", "u_1", "web", "IOS", "eur", "a\tb", "\\", "x" * 500]))
times = st.one_of(
    st.integers(-150_000, 506_000_000).map(lambda second: f"{EARLIEST + datetime.timedelta(seconds=second):%FT%TZ}"),
    st.integers(0, 10**12).map(lambda us: f"{EARLIEST + datetime.timedelta(microseconds=us):%FT%T.%fZ}"),
    st.sampled_from(["2026-03-02T07:12:33.120Z", "2026-03-02T07:12:33.1234567Z", "2026-W10-1T07:12:33Z", "20260302"]),
    st.sampled_from(["2026-03-02T07:12:33+01:00", "2026-03-02T23:59:60Z", "2026-03-02t07:12:33z", "2026-03-02"]),
    texts,
)
values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts)
records = st.fixed_dictionaries(
    {"event_id": st.just("e1"), "event": st.sampled_from(["refund", "LIKE", "nap", "quiz_answer", ""]), "ts": times},
    optional={
        "user_id": texts,
        "anonymous_id": values,
        "platform": st.sampled_from(["web", "Web", "tv", "", " "]),
        "app_version": values,
        "user_agent": texts,
        "content_id": texts,
        "product_id": values,
        "duration_seconds": st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(), values),
        "amount": st.floats(-10, 10),
        "currency": texts,
        **dict.fromkeys(("country", "language", "device_type", "os", "browser", "page_path"), texts),
        **dict.fromkeys(("referrer", "utm_source", "utm_medium", "utm_campaign", "session_id"), texts),
        "order_id": values,
        "quantity": st.one_of(st.integers(-(2**32), 2**32), values),
        "properties": st.one_of(st.dictionaries(texts, values, max_size=3), values),
        "surprise": values,
    },
)


def canonical(row: str) -> list[str]:
    """Rows are equal as PostgreSQL reads them: a timestamp may be written in two ways."""
    cells = row.rstrip("\n").split("\t")
    at = re.sub(r"Z$", "+00:00", cells[9])
    return [*cells[:9], str(datetime.datetime.fromisoformat(at)), *cells[10:]]


@settings(max_examples=1000, deadline=None)
@given(record=records, spaced=st.booleans(), ascii_only=st.booleans())
def test_what_the_fast_mapper_accepts_is_what_the_exact_one_gives(record: dict, spaced: bool, ascii_only: bool):
    separators = (", ", ": ") if spaced else (",", ":")
    line = json.dumps(record, separators=separators, ensure_ascii=ascii_only).encode(errors="replace")
    row = fast(line)
    if row is not None:
        assert canonical(row) == canonical(exact(line))


def test_the_fast_mapper_takes_ordinary_events():
    """Otherwise the test above would prove nothing."""
    for record in (event(1), event(1, properties={"plan": "annual"}, amount=9.99, currency="EUR", platform="WEB")):
        assert fast(json.dumps(record).encode()) is not None
