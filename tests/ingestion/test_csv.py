"""CSV files: records and lines, headers, columns."""

import pytest

from ingestion.contracts import Dialect
from ingestion.formats import csv_records, is_open
from tests.ingestion.helpers import Landing, files_of

HEADER = b"creator_id,changed_at,op,name,country,creator_type\n"


def row(number: int, name: str = "Ada") -> bytes:
    return f"cr_{number},2026-03-01T00:00:0{number}Z,upsert,{name},DE,author\n".encode()


def names(landing: Landing) -> list[tuple[str, int, str]]:
    return landing.query("select creator_id, line_no, name from raw.creator_changes order by line_no")


def quarantined(landing: Landing) -> list[tuple[int, str, bytes]]:
    found = landing.query("select line_no, error_code, raw from ops.quarantine order by line_no")
    return [(line_no, code, bytes(raw)) for line_no, code, raw in found]


def test_a_record_may_go_over_several_lines(landing: Landing):
    landing.put("creators.csv", HEADER + row(1, '"Ada\r\nLovelace, ""Countess"""') + row(2))
    assert files_of(landing.load_and_publish()) == [("creators.csv", 2, 2, 0, 0)]
    assert names(landing) == [("cr_1", 2, 'Ada\r\nLovelace, "Countess"'), ("cr_2", 4, "Ada")]


def test_the_order_of_columns_is_the_headers(landing: Landing):
    landing.put("creators.csv", b"\xef\xbb\xbfname,op,creator_id,changed_at,creator_type,country\r\n"
                                b"Ada,UPSERT,cr_1,2026-03-01,AUTHOR,de\r\n")  # fmt: skip
    landing.load_and_publish()
    assert landing.query("select creator_id, op, name, country, creator_type from raw.creator_changes") == [
        ("cr_1", "upsert", "Ada", "DE", "author")
    ]


def test_bad_records_are_held_back_as_they_are(landing: Landing):
    bad = [
        b"cr_3,2026-03-01",
        row(4).rstrip() + b",more",
        b",2026-03-01T00:00:00Z,upsert,Ada,DE,author",
        b"cr_6,2026-03-01T00:00:00Z,update,Ada,DE,author",
        b"cr_7,yesterday,upsert,Ada,DE,author",
        b"cr_8,2026-03-05T00:00:00Z,upsert,Ada,DE,author",
        b'cr_9,2026-03-01T00:00:00Z,upsert,"Ada" L,DE,author',
        b"cr_\xff,2026-03-01T00:00:00Z,upsert,Ada,DE,author",
        b"cr_\x00,2026-03-01T00:00:00Z,upsert,Ada,DE,author",
    ]
    landing.put("creators.csv", HEADER + row(1) + b"\n".join(bad) + b"\n\n" + row(2))
    assert files_of(landing.load_and_publish()) == [("creators.csv", 11, 2, 0, 9)]
    assert [(code, raw) for _, code, raw in quarantined(landing)] == list(
        zip(
            ["column_count", "column_count", "missing_value", "invalid_value", "unparsable_timestamp"]
            + ["future_timestamp", "malformed_csv", "invalid_utf8", "nul_byte"],
            bad,
            strict=True,
        )
    )
    assert [line_no for _, line_no, _ in names(landing)] == [2, 13]


def test_a_quote_that_is_never_closed_costs_one_line(landing: Landing):
    landing.put("creators.csv", HEADER + row(1, '"Ada') + row(2) + row(3))
    assert files_of(landing.load_and_publish()) == [("creators.csv", 3, 2, 0, 1)]
    assert quarantined(landing) == [(2, "malformed_csv", row(1, '"Ada').rstrip())]


def test_reading_on_after_an_unclosed_quote_is_bounded():
    lines = [b'1,"open', b"2,x", b'3,"also', b'4,closed"', b'5,"again']
    assert list(csv_records(iter([(1, lines)]), is_open(Dialect()))) == [
        (1, b'1,"open\n2,x\n3,"also'),
        (4, b'4,closed"\n5,"again'),
    ]
    assert list(csv_records(iter([(1, lines[:2])]), is_open(Dialect()))) == [(1, b'1,"open'), (2, b"2,x")]


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (b"creator_id,changed_at,op,name,country\n", "the header has no creator_type"),
        (b"cr_0,2026-03-01T00:00:00Z,upsert,Ada,DE,author\n", "the header has no changed_at, country"),
        (HEADER.replace(b"\n", b",name\n"), "names a column twice"),
        (b"\xff" + HEADER, "the header has no"),
        (HEADER.replace(b",", b";"), "(one column: is ';' the delimiter?)"),
    ],
)
def test_below_a_header_that_lacks_a_column_nothing_is_guessed(landing: Landing, header: bytes, detail: str):
    landing.put("creators.csv", header + row(1) + row(2))
    assert files_of(landing.load_and_publish()) == [("creators.csv", 3, 0, 0, 3)]
    assert [code for _, code, _ in quarantined(landing)] == ["missing_column"] * 3
    assert quarantined(landing)[0][2] == header.rstrip()  # it may have been data
    assert detail in landing.query("select error_detail from ops.quarantine limit 1")[0][0]


def test_a_column_that_nobody_mapped_is_kept(landing: Landing):
    landing.put("creators.csv", HEADER.replace(b"\n", b",mood,note\n") + row(1).replace(b"\n", b",sunny,\n"))
    landing.load_and_publish()
    assert landing.query("select properties from raw.creator_changes") == [({"mood": "sunny"},)]


def test_a_deletion_has_only_its_key(landing: Landing):
    landing.put("creators.csv", HEADER + b"cr_1,2026-03-01T00:00:00Z,delete,,,\n")
    landing.load_and_publish()
    assert landing.query("select creator_id, op, name from raw.creator_changes") == [("cr_1", "delete", None)]
