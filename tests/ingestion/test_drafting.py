"""A contract is drafted from a sample: it loads, its guesses are marked, and `check` runs on it."""

import datetime
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from upath import UPath

from ingestion import __main__ as cli
from ingestion.checking import Checked, check
from ingestion.contract_yaml import load_contract
from ingestion.contracts import Contract
from ingestion.drafting import draft, time_form
from ingestion.errors import LoadError
from tests.conftest import SHARED_DATA

DAY = datetime.date(2026, 3, 2)
SHOP = """order;when;customer;article;total;kind;till
1001;1772435553;C-7;A-1;19,90;sale;3
1002;1772435600;C-8;A-2;0;sale;3
1003;1772435655;C-7;A-1;19,90;return;3
"""


@pytest.fixture
def drafted(tmp_path: Path):
    """`drafted(name, content)`: the draft for a file, and what becomes of the file by it."""

    def make(name: str, content: str | bytes) -> tuple[Contract, Checked, str]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        text = draft(UPath(path), "partner")
        (tmp_path / "partner.yml").write_text(text)
        contract = load_contract(tmp_path / "partner.yml")
        return contract, check(UPath(path), DAY, contract, kind=contract.files[0].name), text

    return make


def test_a_csv_of_events(drafted):
    contract, checked, text = drafted("orders-09.csv", SHOP)
    (kind,) = contract.files
    assert (kind.name, kind.patterns, kind.target.name, kind.timestamps) == (
        "orders",
        ("orders-*.csv",),
        "user_events",
        "unix_seconds",
    )
    assert (kind.dialect.delimiter, kind.dialect.decimal_comma) == (";", True)
    assert kind.columns == {
        "event_id": "order",
        "order_id": "order",
        "event_type": "kind",
        "event_ts": "when",
        "user_id": "customer",
        "product_id": "article",
        "amount": "total",
    }
    assert kind.event_types == {"sale": "purchase", "return": "refund"}
    assert (checked.lines_read, checked.loaded) == (3, 3)
    for line in ("delimiter: ", "namespace: partner", "user_id: customer", "sale: purchase"):
        assert f"{line}" in text
        assert "# guess: " in text[text.index(line) :].split("\n")[0]


def test_nested_json(drafted):
    lines = [
        {
            "id": f"e{number}",
            "event": {"name": "Page Viewed" if number % 2 else "Bell rung"},
            "sentAt": f"2026-03-01T10:00:{number:02}+01:00",
            "user": {"id": 870 + number % 3, "country": "Germany"},
            "page": {"url": "https://example.org/a?b=1"},
            "$visit": "v1",
        }
        for number in range(20)
    ]
    contract, checked, text = drafted("clicks.ndjson", "".join(f"{json.dumps(line)}\n" for line in lines))
    (kind,) = contract.files
    assert (kind.format, kind.target.name) == ("ndjson", "user_events")
    assert checked.loaded == 20
    row = checked.rows[1]
    assert (row["event_type"], row["event_name"], row["user_id"]) == ("page_view", "Page Viewed", "partner:871")
    assert (row["country"], row["page_path"], row["event_id"]) == ("DE", "/a", "e1")
    assert "# guess: custom events, which count as activity: Bell rung" in text
    assert "time_zone" not in text  # a zone is written


@pytest.mark.parametrize(
    ("name", "body", "form", "records"),
    [
        ("a.json", {"data": {"rows": ...}}, "json_document", ("data", "rows")),
        ("a.json", ..., "json_array", ()),
    ],
    ids=["document", "array"],
)
def test_json_that_is_no_lines(drafted, name, body, form, records):
    rows = [{"action": "like", "ts": 1772435553123 + number, "deviceId": f"d{number}"} for number in range(12)]
    whole = json.dumps(rows if body is ... else {"data": {"rows": rows}}, indent=1)
    contract, checked, _ = drafted(name, whole)
    (kind,) = contract.files
    assert (kind.format, kind.dialect.records, kind.timestamps) == (form, records, "unix_milliseconds")
    assert (checked.loaded, kind.event_types) == (12, {"like": "like"})


def test_parquet(drafted):
    moments = pa.array([datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.UTC)] * 12, pa.timestamp("us", "UTC"))
    table = pa.table({"event_name": ["login"] * 12, "event_timestamp": moments, "user_id": list(range(12))})
    stream = io.BytesIO()
    pq.write_table(table, stream)
    contract, checked, _ = drafted("export.parquet", stream.getvalue())
    assert (contract.files[0].format, contract.files[0].timestamps, checked.loaded) == ("parquet", "iso", 12)


def test_a_table_is_a_full_extract(drafted):
    contract, checked, _ = drafted(
        "members_2026-03-01.csv",
        "member_id,email,joined_at,country\n1.0,a@example.org,01.02.2026,de\n2.0,b@example.org,03.02.2026,AT\n",
    )
    (kind,) = contract.files
    assert (kind.name, kind.patterns, kind.target.name, kind.is_extract) == (
        "members",
        ("members_*.csv",),
        "user_changes",
        True,
    )
    assert kind.timestamps == "%d.%m.%Y"
    assert [row["user_id"] for row in checked.rows] == ["partner:1", "partner:2"]
    assert [row["country"] for row in checked.rows] == ["DE", "AT"]


def test_old_encodings_and_no_header(drafted):
    rows = "".join(f"{number}\tvisitor{number}\t2026-03-01 10:00:00\tCafé\n" for number in range(12))
    with pytest.raises(LoadError, match="nothing tells what a record is; its fields are field_1, field_2"):
        drafted("log.tsv", rows)
    named = "id\tvisitor_id\ttime\tevent\n" + rows
    contract, checked, text = drafted("log.tsv", named.encode("cp1252"))
    assert (contract.files[0].format, contract.files[0].dialect.encoding) == ("tsv", "cp1252")
    assert checked.loaded == 12
    assert "time_zone names another zone" in text


def test_events_without_a_name(drafted):
    contract, checked, _ = drafted(
        "refunds.csv", "refund_no,customer_id,created_at,amount\n1,c1,2026-03-01,3\n2,c1,2026-03-01,4\n"
    )
    (kind,) = contract.files
    assert (kind.constants, kind.event_types) == ({"event_type": "refunds"}, {"refunds": "refund"})
    assert "event_id" not in kind.columns
    assert checked.loaded == 2


def test_fields_whose_names_tell_nothing(drafted):
    lines = [
        "badge,did,noted,room,depth,at_path",
        "17,play,2026-03-01 10:00,a b,1.5,/x",
        "18,pause,2026-03-01 11:30,c d,2.5,/y",
        "17,sing,2026-03-02 09:10,a b,1.5,/z",
    ]
    contract, checked, text = drafted("scans.csv", "\n".join(lines))
    (kind,) = contract.files
    assert kind.columns == {"event_type": "did", "event_ts": "noted", "user_id": "badge"}
    assert kind.event_types == {"play": "content_start", "pause": "content_pause"}
    assert [row["event_ts"] for row in checked.rows] == [
        "2026-03-01 10:00:00+00:00",
        "2026-03-01 11:30:00+00:00",
        "2026-03-02 09:10:00+00:00",
    ]
    for column in ("event_type: did", "event_ts: noted", "user_id: badge"):
        assert f"{column}  # guess: " in text and f"{column}  # guess: by its name" not in text


def test_an_email_address_is_no_id_in_the_open(drafted):
    rows = "a@example.org,play,2026-03-01\nb@example.org,play,2026-03-01\na@example.org,like,2026-03-01\n"
    _, checked, text = drafted("a.csv", "email,what,when\n" + rows)
    assert "user_id: {field: email, as: [hash]}  # guess: no name tells who did it" in text
    assert len({row["user_id"] for row in checked.rows}) == 2
    assert not any("@" in str(value) for row in checked.rows for value in row.values())
    _, checked, _ = drafted("a.csv", "user_id,city,updated_at\na@example.org,Graz,2026-03-01\n")
    assert checked.loaded == 1 and not any("@" in str(value) for value in checked.rows[0].values())
    *_, text = drafted("a.csv", "event,ts,distinct_id\nlike,2026-03-01,a@example.org\n")
    assert "anonymous_id: {field: distinct_id, as: [hash]}" in text and "ignore: [distinct_id]" in text


def test_an_order_of_day_and_month_that_nothing_tells_is_said(drafted):
    *_, text = drafted("a.csv", "who,what,when\nanna,play,3/1/2026 9:00\nanna,play,3/2/2026 9:00\n")
    assert 'timestamps: "%m/%d/%Y %H:%M"  # guess: such as 3/1/2026 9:00; but %d/%m/%Y %H:%M reads them, too' in text
    *_, text = drafted("a.csv", "who,what,when\nanna,play,3/1/2026 9:00\nanna,play,3/22/2026 9:00\n")
    assert "reads them, too" not in text


def test_a_field_that_never_comes_again_is_nobody(drafted):
    with pytest.raises(LoadError, match="nothing tells what a record is; its fields are badge, did, noted"):
        drafted("scans.csv", "badge,did,noted\n17,play,2026-03-01\n18,pause,2026-03-01\n")


def test_a_time_in_no_known_form_is_named(drafted):
    with pytest.raises(
        LoadError, match=r"when seems to say when it was, but 1\.3\. 10h is written in no form .*\n.*by hand"
    ):
        drafted("a.csv", "who,what,when\nanna,play,1.3. 10h\nanna,play,1.3. 11h\n")


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ([1772435553], "unix_seconds"),
        (["1772435553123"], "unix_milliseconds"),
        ([1772435553123456], "unix_microseconds"),
        (["2026-03-01"], "iso"),
        (["2026-03-01 10:00:00 UTC"], "iso"),
        (["2026-03-01 10:00"], "iso"),
        (["31/12/2026 10:00"], "%d/%m/%Y %H:%M"),
        (["12/31/2026 10:00"], "%m/%d/%Y %H:%M"),
        (["12/31/2026 1:00 PM"], "%m/%d/%Y %I:%M %p"),
        (["3/1/2026", "3/2/2026"], "%m/%d/%Y"),  # either way, but two days are rather a sample than a month
        (["1/3/2026", "2/3/2026"], "%d/%m/%Y"),
        (["20260301"], "%Y%m%d"),
        (["2026-03-01", "2026-03-02", "2026-03-03", "soon"], "iso"),  # of few values one may be a mistake
        ([1772435553, 1772435554, 1772435555, "never"], "unix_seconds"),
        (["2026-03-01", "2026-03-02", "soon"], None),
        (["2026-03-01", "2026-03-02", "2026-03-03", "soon", "never"], None),
        ([12, 13], None),
        (["soon"], None),
        ([True], None),
        ([], None),
    ],
)
def test_how_times_are_written(values, form):
    assert time_form(values) == form


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "has no records"), (b"a,b\n", "has no records"), (b'{"a": [1,}', "is no JSON")],
)
def test_what_tells_nothing_is_refused(drafted, content, complaint):
    with pytest.raises(LoadError, match=complaint):
        drafted("x.csv", content)


def test_the_command_writes_the_draft_and_never_over_a_contract(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(cli, "SOURCES", tmp_path)
    (tmp_path / "orders-09.csv").write_text(SHOP)
    assert cli.main(["new", str(tmp_path / "orders-09.csv")]) == 0
    out = capsys.readouterr().out
    assert "orders.yml is a draft, with " in out
    assert f"Next: make source-check SOURCE=orders KIND=orders FILE={tmp_path / 'orders-09.csv'}" in out
    assert cli.main(["new", str(tmp_path / "orders-09.csv")]) == 1
    assert "orders.yml is there" in capsys.readouterr().err
    assert cli.main(["new", str(tmp_path / "missing.csv"), "--source", "x"]) == 1
    assert not (tmp_path / "x.yml").exists()


@pytest.mark.skipif(not SHARED_DATA.exists(), reason="the samples are not here")
@pytest.mark.parametrize(
    ("file", "target", "held_back"),
    [
        ("podcast/event_logs.json", "user_events", 100),  # 155 in its own contract, which knows more
        ("amanimulira_d2c/ga4_events.csv", "user_events", 0),
        ("amanimulira_d2c/shopify_orders.csv", "user_events", 0),
        ("amanimulira_d2c/shopify_products.csv", "product_changes", 0),
        ("fivetran_ga4_export/event_data.csv", "user_events", 0),
        ("fivetran_mixpanel/event.csv", "user_events", 0),
        ("fivetran_amplitude/amplitude_event_data.csv", "user_events", 0),
    ],
)
def test_the_samples(tmp_path: Path, file: str, target: str, held_back: int):
    path = UPath(SHARED_DATA / file)
    (tmp_path / "sample.yml").write_text(draft(path, "sample"))
    contract = load_contract(tmp_path / "sample.yml")
    checked = check(path, datetime.date(2026, 11, 28), contract, kind=contract.files[0].name)
    assert (checked.kind.target.name, checked.quarantined) == (target, held_back)
