"""How each format becomes records: what is read, what is held back as it landed, and where a person finds it."""

import codecs
import datetime
import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from upath import UPath

from ingestion.contract_yaml import load_contract
from ingestion.contracts import Contract
from ingestion.errors import ContractError, LoadError, Rejected
from ingestion.formats import FORMATS
from ingestion.landing import DayFile
from ingestion.reading import CHUNK, LandedFile, compression
from ingestion.rows import FileRows
from tests.ingestion.helpers import DAY

HEADER = "id,what,at,who,amount\n"


def fact(number: int = 1, **changes) -> dict:
    made = {"id": f"e{number}", "what": "buy", "at": "2026-03-02T07:12:33Z", "who": f"u_{number}", "amount": 1.5}
    return {**made, **changes}


def contract(folder: Path, **keys) -> Contract:
    """The contract of a made-up source with one kind of file, as it is read from its YAML."""
    kind = {
        "patterns": ["*"],
        "target": "user_events",
        "columns": {"event_id": "id", "event_type": "what", "event_ts": "at", "user_id": "who", "amount": "amount"},
        "event_types": {"buy": "purchase"},
        **keys,
    }
    about = {"description": "Made up.", "cadence": "irregular", "earliest": datetime.date(2010, 1, 1)}
    path = folder / "made_up.yml"
    path.write_text(yaml.safe_dump({**about, "files": {"facts": kind}}, allow_unicode=True))
    return load_contract(path)


@dataclass
class Read:
    """What became of one file: rows (column to COPY text), and what is held back (number, code, raw bytes)."""

    rows: list[dict[str, str]]
    held_back: list[tuple[int, str, bytes]]
    lines_read: int
    bytes_read: int

    def column(self, name: str) -> list[str]:
        return [row[name] for row in self.rows]

    @property
    def properties(self) -> list[Any]:
        """Each row's, read back from COPY text, in which a backslash is doubled."""
        texts = [text.replace("\\\\", "\\") for text in self.column("properties")]
        return [None if text == r"\N" else json.loads(text) for text in texts]


def read(folder: Path, content: bytes, **keys) -> Read:
    file = UPath(folder / "file")
    file.write_bytes(content)
    (kind,) = contract(folder, **keys).files
    held_back = BytesIO()
    reader = FileRows(DayFile(file, "made_up/file", 1, kind), DAY, 1, held_back)
    rows = b"".join(reader.chunks()).decode().split("\n")[:-1]
    lines = [line.split("\t") for line in held_back.getvalue().decode().split("\n")[:-1]]
    found = Read(
        rows=[dict(zip(kind.target.copy_columns, row.split("\t"), strict=True)) for row in rows],
        held_back=[(int(line[4]), line[6], bytes.fromhex(line[-1][3:])) for line in lines],
        lines_read=reader.lines_read,
        bytes_read=reader.landed.bytes_read,
    )
    assert found.lines_read == len(found.rows) + len(found.held_back)
    assert found.bytes_read == len(content)
    return found


def csv_of(*facts: dict, header: str = HEADER) -> str:
    return header + "".join(",".join(str(value) for value in each.values()) + "\n" for each in facts)


# A format of one's own


class Pairs:
    """Lines of key=value; its pieces are no bytes."""

    def __init__(self, contract) -> None: ...

    def batches(self, landed: LandedFile) -> Iterator[tuple[list[int], list[object]]]:
        for first, lines in landed.batches():
            yield range(first, first + len(lines)), [line.decode().split() for line in lines]

    def record(self, piece: list[str]) -> tuple[dict, bool] | None:
        if any("=" not in pair for pair in piece):
            raise Rejected("parse", "no_pair", "not key=value")
        return dict(pair.split("=") for pair in piece) if piece else None

    def raw(self, piece: list[str]) -> bytes:
        return " ".join(piece).encode()


def test_a_format_that_was_added_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(FORMATS, "pairs", Pairs)
    good = " ".join(f"{key}={value}" for key, value in fact().items())
    found = read(tmp_path, f"{good}\n\nwhat is this\n".encode(), format="pairs")
    assert found.column("event_id") == ["e1"]
    assert found.held_back == [(3, "no_pair", b"what is this")]


def test_a_format_that_nobody_reads_is_refused(tmp_path: Path):
    with pytest.raises(ContractError, match="format is 'avro'(.|\n)*use one of ndjson, json_array"):
        contract(tmp_path, format="avro")


# zstd


def zstd(content: bytes) -> bytes:
    return pytest.importorskip("backports.zstd").compress(content)


def lines(number: int) -> bytes:
    """Facts whose compressed form is several chunks long."""
    noise = random.Random(1)
    made = (fact(at, who=f"u_{noise.getrandbits(256):x}") for at in range(number))
    return b"".join(json.dumps(each).encode() + b"\n" for each in made)


def test_zstd_is_told_by_its_first_bytes(tmp_path: Path):
    content = json.dumps(fact()).encode()
    assert read(tmp_path, zstd(content), format="ndjson").column("event_id") == ["e1"]
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"  # what parallel compressors write between frames
    several = skippable + zstd(content + b"\n") + zstd(b"") + skippable + zstd(json.dumps(fact(2)).encode())
    assert read(tmp_path, several, format="ndjson").column("event_id") == ["e1", "e2"]


def test_of_a_truncated_zstd_the_complete_lines_are_loaded(tmp_path: Path):
    content = lines(20_000)
    whole = zstd(content)
    assert len(whole) > 2 * CHUNK
    found = read(tmp_path, whole[: len(whole) // 2], format="ndjson")
    assert 0 < len(found.rows) < 20_000
    ((line_no, code, raw),) = found.held_back
    assert (line_no, code) == (len(found.rows) + 1, "truncated_file")
    assert content.splitlines()[len(found.rows)].startswith(raw)


def test_a_damaged_zstd_is_refused(tmp_path: Path):
    damaged = bytearray(zstd(lines(20_000)))
    damaged[len(damaged) // 2 : len(damaged) // 2 + 64] = bytes(64)
    with pytest.raises(LoadError, match="is damaged, before byte(.|\n)*Remedy"):
        read(tmp_path, bytes(damaged), format="ndjson")


def test_a_zstd_that_inflates_a_thousandfold_is_read_in_pieces(tmp_path: Path):
    content = zstd(b" " * 200 * 1024**2 + b"\n")
    assert len(content) < 20_000
    with pytest.raises(LoadError, match="line 1: longer than 64 MiB"):
        read(tmp_path, content, format="ndjson")


# Dialects of CSV and TSV


def test_a_tsv_has_tabs_and_no_quotes(tmp_path: Path):
    content = "id\twhat\tat\twho\tamount\tcontext\n" + 'e1\tbuy\t2026-03-02\t5" disk\t1.5\t{"a": "b, c"}\n'
    found = read(tmp_path, content.encode(), format="tsv")
    assert found.column("user_id") == ['5" disk']
    assert found.properties == [{"context": '{"a": "b, c"}'}]


def test_a_tsv_may_have_quotes(tmp_path: Path):
    content = 'id\twhat\tat\twho\tamount\ne1\tbuy\t2026-03-02\t"a\t\nb"\t1.5\n'
    assert read(tmp_path, content.encode(), format="tsv", quote='"').column("user_id") == [r"a\t\nb"]


def test_delimiter_quote_and_escape(tmp_path: Path):
    who = ["'a|b'", "'it\\'s\n\\\\'", "'''x'"]
    content = "id|what|at|who|amount\n" + "".join(f"e{at}|buy|2026-03-02|{text}|1\n" for at, text in enumerate(who))
    found = read(tmp_path, content.encode(), format="csv", delimiter="|", quote="'", escape="\\")
    assert found.column("user_id") == ["a|b", r"it's\n\\", "'x"]
    assert found.column("line_no") == ["2", "3", "5"]


def test_a_quote_is_a_character_where_there_are_none(tmp_path: Path):
    found = read(tmp_path, csv_of(fact(1, who='"a'), fact(2, who='b"')).encode(), format="csv", quote="none")
    assert found.column("user_id") == ['"a', 'b"']


def test_a_field_may_be_as_long_as_a_line(tmp_path: Path):
    found = read(tmp_path, (HEADER[:-1] + ",note\ne1,buy,2026-03-02,u,1," + "x" * 200_000).encode(), format="csv")
    assert found.properties == [{"note": "x" * 200_000}]


def test_a_file_without_header_has_the_contracts_columns(tmp_path: Path):
    fields = ["id", "what", "at", "who", "amount"]
    content = csv_of(fact(1), {**fact(2), "more": 1}, fact(3), header="").encode()
    found = read(tmp_path, content, format="csv", header=False, fields=fields)
    assert found.column("line_no") == ["1", "3"]
    assert found.held_back == [(2, "column_count", b"e2,buy,2026-03-02T07:12:33Z,u_2,1.5,1")]


@pytest.mark.parametrize(
    ("keys", "written", "amounts"),
    [
        ({"decimal_comma": True}, ["1,5", "-1234,50", "7", "1.5", "1.234,5"], ["1.5", "-1234.5", "7.0"]),
        ({"decimal_comma": True, "thousands": "."}, ["1.234.567,5", "12,5", "1.5", "12.34"], ["1234567.5", "12.5"]),
        ({"thousands": ","}, ["1,234.5", "1234.5", "1,23.4", "1,5"], ["1234.5", "1234.5"]),
        ({"thousands": "'"}, ["12'345", "12'34"], ["12345.0"]),
        ({}, ["1.5", "1,5"], ["1.5"]),
    ],
)
def test_a_number_is_read_as_the_dialect_says_or_not_at_all(tmp_path: Path, keys: dict, written: list, amounts: list):
    content = "id;what;at;who;amount\n" + "".join(f"e{at};buy;2026-03-02;u;{text}\n" for at, text in enumerate(written))
    found = read(tmp_path, content.encode(), format="csv", delimiter=";", **keys)
    assert found.column("amount") == amounts
    assert {code for _, code, _ in found.held_back} <= {"invalid_value"}


def test_a_header_name_given_twice_matters_where_it_is_mapped(tmp_path: Path):
    twice = "id,what,at,who,amount,note,note\ne1,buy,2026-03-02,u,1,a,b\n"
    assert read(tmp_path, twice.encode(), format="csv").properties == [{"note": "a", "note (2)": "b"}]
    found = read(tmp_path, twice.replace("note", "who").encode(), format="csv")
    assert [code for _, code, _ in found.held_back] == ["missing_column"] * 2


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"delimiter": ""}, "delimiter is ''"),
        ({"delimiter": ";;"}, "delimiter is ';;'"),
        ({"delimiter": '"'}, "not all different"),
        ({"escape": '"'}, "not all different"),
        ({"quote": "none", "delimiter": "\n"}, "write one character"),
        ({"encoding": "klingon"}, "'klingon' is no text encoding"),
        ({"encoding": "utf-7"}, "files in utf-7 cannot be read here"),
        ({"encoding": "utf-32"}, "convert the files to UTF-8"),
        ({"encoding": "cp037"}, "convert the files to UTF-8"),
        ({"encoding": "rot13"}, "is no text encoding"),
        ({"header": False}, "header and fields do not fit"),
        ({"fields": ["id"]}, "header and fields do not fit"),
        ({"header": False, "fields": ["id", "id"]}, "fields names id twice"),
        ({"header": False, "fields": ["id", "what", "at", "who"]}, "columns names amount"),
        ({"thousands": "."}, "thousands is '.'"),
        ({"thousands": ",", "decimal_comma": True}, "thousands is ','"),
        ({"decimal_comma": "yes"}, "write true or false"),
        ({"records": "a"}, "records given for the format csv"),
        ({"format": "ndjson", "encoding": "latin-1"}, "encoding given for the format ndjson"),
        ({"format": "parquet", "header": False}, "header given for the format parquet"),
        ({"format": "json_document", "records": "a..b"}, "records is 'a..b'"),
    ],
)
def test_a_dialect_that_cannot_be_is_refused(tmp_path: Path, keys: dict, message: str):
    with pytest.raises(ContractError, match=message) as caught:
        contract(tmp_path, **{"format": "csv", **keys})
    assert re.search(r"made_up\.yml:\d+: files\.facts: .*\nRemedy: ", str(caught.value))


# Encodings


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "gb18030", "shift_jis"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_in_another_encoding(tmp_path: Path, encoding: str, end: str):
    """Line ends, and bytes of them that are no line end: U+0A0D and U+0D0A in UTF-16."""
    name = {"gb18030": "数据 😀", "shift_jis": "テスト表"}.get(encoding, "Ärger")
    name += "\u0a0d\u0d0a😀" if encoding.startswith("utf") else ""
    bad = "e2,buy,yesterday,Ö,1" if encoding not in ("gb18030", "shift_jis") else "e2,buy,yesterday,表,1"
    content = f"{HEADER}e1,buy,2026-03-02,{name},1.5\n{bad}\ne3,buy,2026-03-02,u,2\n".replace("\n", end)
    found = read(tmp_path, content.encode(encoding), format="csv", encoding=encoding)
    assert found.column("user_id") == [name, "u"]
    landed = bad.encode("utf-16-le" if encoding == "utf-16" else encoding)
    assert found.held_back == [(3, "unparsable_timestamp", landed)]


def test_utf_16_with_a_mark_of_big_endian(tmp_path: Path):
    content = codecs.BOM_UTF16_BE + csv_of(fact(1), {"id": "x"}).encode("utf-16-be")
    found = read(tmp_path, content, format="csv", encoding="utf-16")
    assert found.column("event_id") == ["e1"]
    assert found.held_back == [(3, "column_count", "x".encode("utf-16-be"))]


def test_a_byte_that_is_no_text_holds_back_its_line_as_it_landed(tmp_path: Path):
    content = csv_of(fact(1), fact(2, who="?"), fact(3, who="é")).encode("cp1252").replace(b"?", b"\x81")
    found = read(tmp_path, content, format="csv", encoding="cp1252")
    assert found.column("user_id") == ["u_1", "é"]
    assert found.held_back == [(3, "invalid_encoding", b"e2,buy,2026-03-02T07:12:33Z,\x81,1.5")]
    half = csv_of(fact(1), fact(2, who="\ud800")).encode("utf-16-le", "surrogatepass")
    ((line_no, code, raw),) = read(tmp_path, half, format="csv", encoding="utf-16-le").held_back
    assert (line_no, code) == (3, "invalid_encoding")
    assert raw == csv_of(fact(2, who="\ud800"), header="").strip().encode("utf-16-le", "surrogatepass")


def test_a_text_that_ends_within_a_character_is_truncated(tmp_path: Path):
    content = csv_of(fact(1), fact(2)).encode("utf-16-le")[:-3]
    found = read(tmp_path, content, format="csv", encoding="utf-16-le")
    assert found.column("event_id") == ["e1"]
    line = csv_of(fact(2), header="").encode("utf-16-le")[:-3]
    assert found.held_back == [(3, "truncated_file", line)]


@given(st.binary(max_size=60), st.sampled_from(["utf-16", "utf-16-be", "cp1252", "shift_jis", "gbk"]))
@settings(max_examples=200, deadline=None)
def test_no_byte_is_lost_whatever_landed(tmp_path_factory, content: bytes, encoding: str):
    """The lines, with their ends between them, are the bytes of the file again."""
    assume(compression(content) is None)
    path = UPath(tmp_path_factory.getbasetemp() / "any")
    path.write_bytes(content)
    landed = LandedFile(path, encoding)
    found = [landed.as_landed(line) for _, some in landed.batches() for line in some]
    if landed.tear:
        found.append(landed.tear.raw)
    end = landed.as_landed(b"\n")
    together = end.join(found)
    mark = {"utf-16": (b"\xff\xfe", b"\xfe\xff"), "utf-16-be": (b"\xfe\xff",)}.get(encoding, ())
    for each in mark:
        content = content.removeprefix(each) if content[:2] == each else content
    assert together in (content, content.removesuffix(end))


# JSON


@pytest.mark.parametrize(
    "layout",
    [
        lambda facts: json.dumps(facts),
        lambda facts: json.dumps(facts, indent=2),
        lambda facts: json.dumps(facts, separators=(",", ":")),
        lambda facts: "[" + ",\n".join(map(json.dumps, facts)) + "]",
        lambda facts: " \r\n[\r\n" + "\r\n,".join(map(json.dumps, facts)) + "\r\n]\r\n",
        lambda facts: json.dumps(facts[:1]) + "\n" + json.dumps(facts[1:]),
    ],
)
def test_a_json_array_in_any_layout(tmp_path: Path, layout):
    odd = [fact(1, note='a "quoted", [bracket]} \\'), fact(2, more=[{"a": [{}]}, "]"]), fact(3), fact(4, at="?")]
    found = read(tmp_path, layout(odd).encode(), format="json_array")
    assert found.column("event_id") == ["e1", "e2", "e3"]
    assert found.column("line_no") == ["1", "2", "3"]
    assert [(number, code) for number, code, _ in found.held_back] == [(4, "unparsable_timestamp")]
    assert json.loads(found.held_back[0][2]) == odd[3]


@pytest.mark.parametrize("content", [b"", b" \n", b"[]", b" [ \n] ", b"\xef\xbb\xbf[]"])
def test_an_array_without_elements_has_no_records(tmp_path: Path, content: bytes):
    assert read(tmp_path, content, format="json_array").lines_read == 0


def test_what_is_no_object_is_held_back(tmp_path: Path):
    content = f'[null, "retry", 17, [1], {json.dumps(fact())}, true]'.encode()
    found = read(tmp_path, content, format="json_array")
    assert found.column("line_no") == ["5"]
    assert [raw for _, _, raw in found.held_back] == [b"null", b'"retry"', b"17", b"[1]", b"true"]
    assert {code for _, code, _ in found.held_back} == {"not_an_object"}


BROKEN = [
    ('{"id": "x", "what": tru}', "malformed_json"),
    ('{"id": "x" "what": 1}', "malformed_json"),
    ('{"id": "x", "what": "a\tb"}', "malformed_json"),
    ('{"id": "x", "who": "u}', "malformed_json"),  # a quote is missing
    ('{"id": "x", "who": {"a": 1}', "malformed_json"),  # a bracket is missing
    ('{"id": "x", "who": [1}', "malformed_json"),  # the wrong bracket
    ('{"id": "x", "who": "a\nb"}', "malformed_json"),  # a line's end within a text
    ("{", "malformed_json"),
]


@pytest.mark.parametrize(("broken", "code"), BROKEN)
@pytest.mark.parametrize("between", [",\n", "\n,", ",\n   "])
def test_of_an_array_with_a_broken_record_the_others_are_read(tmp_path: Path, broken: str, code: str, between: str):
    others = [json.dumps(fact(number)) for number in range(1, 6)]
    start = between.replace(",", "")
    content = "[" + start + between.join([*others[:2], broken, *others[2:]]) + "\n]"
    found = read(tmp_path, content.encode(), format="json_array")
    assert found.column("event_id") == ["e1", "e2", "e3", "e4", "e5"]
    assert found.held_back == [(3, code, broken.encode())]


def test_what_stands_between_elements_is_held_back(tmp_path: Path):
    content = f"[{json.dumps(fact(1))}}} , {json.dumps(fact(2))}] what?".encode()
    found = read(tmp_path, content, format="json_array")
    assert found.column("event_id") == ["e1", "e2"]
    assert [(number, raw.strip()) for number, _, raw in found.held_back] == [(2, b"}"), (4, b"what?")]


def test_where_records_share_a_line_all_behind_a_broken_one_is_held_back(tmp_path: Path):
    content = json.dumps([fact(1), fact(2), fact(3)]).replace('"u_2"', '"u_2').encode()
    found = read(tmp_path, content, format="json_array")
    assert found.column("event_id") == ["e1"]
    assert found.held_back == [(2, "truncated_file", content[content.index(b'{"id": "e2"') :])]


@pytest.mark.parametrize("cut", [1, 2, 30, 200])
def test_of_a_truncated_array_the_complete_records_are_loaded(tmp_path: Path, cut: int):
    whole = json.dumps([fact(1), fact(2), fact(3)])
    found = read(tmp_path, whole[:-cut].encode(), format="json_array")
    ((number, code, raw),) = found.held_back
    assert (number, code) == (len(found.rows) + 1, "truncated_file")
    assert whole[:-cut].endswith(raw.decode())
    packed = gzip.compress(whole.encode())
    assert read(tmp_path, packed[:-8], format="json_array").held_back == [(4, "truncated_file", b"")]


@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=9) | st.lists(st.none()), max_size=3), max_size=6)
)
@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("indent", [None, 1])
def test_the_pieces_of_an_array_are_its_elements(tmp_path_factory, indent, elements: list):
    """Read in blocks of a few bytes, so that every kind of token is cut somewhere."""
    from ingestion.json_pieces import Pieces

    content = json.dumps(elements, indent=indent, ensure_ascii=False).encode()

    class Blocks:
        path = "x"

        def blocks(self) -> Iterator[bytes]:
            return (content[at : at + 3] for at in range(0, len(content), 3))

    assert [json.loads(piece) for piece in Pieces(Blocks())] == elements


@pytest.mark.parametrize("seed", range(60))
def test_records_are_found_at_once_as_one_by_one(seed: int, monkeypatch: pytest.MonkeyPatch):
    """Also in a document that is broken somewhere, and of which each block holds a few records."""
    from ingestion import json_pieces

    draw = random.Random(seed)
    odd = ({"id": 1, "in": [{"id": 2}, {"id": 3}]}, {"id": '},{"id":'}, [], 7, "{", {"ü": "}"}, {"id": {"id": {}}}, {})
    elements = [draw.choice(odd) if draw.random() < 0.2 else fact(number) for number in range(draw.choice((3, 40)))]
    layout = {"indent": draw.choice((None, 1, "\t"))} if draw.random() < 0.7 else {"separators": (",", ":")}
    content = json.dumps(elements, ensure_ascii=False, **layout).encode()
    if draw.random() < 0.2:
        content = b"[" + b",\n".join(json.dumps(element).encode() for element in elements) + b"]\n" + content
    for _ in range(draw.choice((0, 0, 1, 1, 2))):
        at = draw.randrange(len(content))
        content = content[:at] + draw.choice((b"", b"}", b'"', b"{", b"\n", b"\xff", b",", b"]")) + content[at + 1 :]
    size = draw.choice((50, 300, 5000))

    class Blocks:
        path = "x"

        def blocks(self) -> Iterator[bytes]:
            return (content[at : at + size] for at in range(0, len(content), size))

    def found() -> tuple[list[bytes], bytes | None, bytes | None]:
        pieces = json_pieces.Pieces(Blocks())
        return list(pieces), pieces.rest, pieces._indent

    at_once = found()
    monkeypatch.setattr(json_pieces, "TRIES", 0)
    assert at_once == found()


def test_a_document_says_where_its_records_are(tmp_path: Path):
    document = {"made": {"by": "x", "rows": 1}, "result": {"page": [1, {"rows": []}], "rows": [fact(1), fact(2)]}}
    content = json.dumps({**document, "end": {"rows": []}}, indent=1).encode()
    found = read(tmp_path, content, format="json_document", records="result.rows")
    assert found.column("event_id") == ["e1", "e2"]
    assert found.column("line_no") == ["1", "2"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"result": {"lines": []}}', "has no 'rows' in result; it has lines"),
        (b'{"result": {}}', "has no 'rows' in result; it has nothing"),
        (b'{"data": []}', "has no 'result' in the document; it has data"),
        (b'{"result": [1]}', "holds no object in result"),
        (b'{"result": {"rows": {}}}', "holds no array in result.rows"),
        (b'[{"result": {"rows": []}}]', "holds no object in the document"),
        (b'{"result"', "is no JSON"),
        (b"<html>", "holds no object in the document"),
    ],
)
def test_a_document_without_its_array_is_refused(tmp_path: Path, content: bytes, message: str):
    with pytest.raises(LoadError, match=f"{message}(.|\n)*Remedy"):
        read(tmp_path, content, format="json_document", records="result.rows")


def test_lines_are_no_array(tmp_path: Path):
    with pytest.raises(LoadError, match="holds no array in the document(.|\n)*or ndjson"):
        read(tmp_path, b'{"a": 1}\n{"a": 2}\n', format="json_array")


def test_a_document_may_be_the_record(tmp_path: Path):
    found = read(tmp_path, json.dumps(fact(), indent=2).encode(), format="json_document")
    assert (found.column("event_id"), found.lines_read) == (["e1"], 1)
    assert read(tmp_path, b"", format="json_document").lines_read == 0
    assert read(tmp_path, b"[]", format="json_document").held_back == [(1, "not_an_object", b"[]")]
    assert read(tmp_path, b'{"a": 1', format="json_document").held_back == [(1, "malformed_json", b'{"a": 1')]


def test_memory_does_not_grow_with_an_array(tmp_path: Path):
    import tracemalloc

    record = json.dumps(fact(1, note="x" * 900)).encode()
    peaks = []
    for number in (5_000, 20_000):
        file = UPath(tmp_path / "file")
        file.write_bytes(b"[" + b",\n".join([record] * number) + b"]")
        (kind,) = contract(tmp_path, format="json_array").files
        reader = FORMATS["json_array"](kind)
        tracemalloc.start()
        assert sum(len(pieces) for _, pieces in reader.batches(LandedFile(file))) == number
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] < 12 * 1024**2


# Parquet


def parquet(rows: list[dict] | Any, **options) -> bytes:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    stream = BytesIO()
    pq.write_table(pa.Table.from_pylist(rows) if isinstance(rows, list) else rows, stream, **options)
    return stream.getvalue()


def test_a_parquet_file_is_rows(tmp_path: Path):
    content = parquet([fact(1), fact(2, at="?"), fact(3)], row_group_size=2)
    found = read(tmp_path, content, format="parquet")
    assert found.column("event_id") == ["e1", "e3"]
    assert found.column("line_no") == ["1", "3"]
    (held_back,) = found.held_back
    assert held_back[:2] == (2, "unparsable_timestamp")
    assert json.loads(held_back[2]) == fact(2, at="?")


def test_every_type_becomes_what_json_knows(tmp_path: Path):
    pa = pytest.importorskip("pyarrow")
    moment = datetime.datetime(2026, 3, 2, 7, 12, 33, 120000)  # noqa: DTZ001 (the file says nothing of a zone)
    ny = pa.timestamp("us", "America/New_York")
    columns = {
        "text": pa.array(["a", None, ""]),
        "code": pa.array(["x", "y", None]).dictionary_encode(),
        "small": pa.array([1, 2, None], pa.int8()),
        "large": pa.array([2**63, None, 1], pa.uint64()),
        "real": pa.array([1.5, float("nan"), float("-inf")]),
        "single": pa.array([0.1, None, float("nan")], pa.float32()),
        "money": pa.array([Decimal("12345678901234567890.10"), Decimal("0.01"), None], pa.decimal128(38, 2)),
        "whole": pa.array([Decimal(12345678901234567890), Decimal(1), None], pa.decimal128(38, 0)),
        "tiny": pa.array([Decimal("0.0000000001"), None, None], pa.decimal128(20, 10)),
        "flag": pa.array([True, False, None]),
        "naive": pa.array([moment, None, None], pa.timestamp("ns")),
        "zoned": pa.array([moment, None, None], ny),
        "day": pa.array([moment.date(), None, None], pa.date64()),
        "clock": pa.array([moment.time(), None, None]),
        "span": pa.array([datetime.timedelta(milliseconds=1500), None, None]),
        "bytes": pa.array(["é".encode(), b"\xff\x00", None]),
        "list": pa.array([[1, None], [], None]),
        "struct": pa.array([{"a": Decimal("1.5"), "b": moment, "c": [float("nan")]}, None, None]),
        "map": pa.array([[("a", 1), ("b", None)], [], None], pa.map_(pa.string(), pa.int64())),
        "nothing": pa.nulls(3),
    }
    facts = pa.Table.from_pylist([fact(1), fact(2), fact(3)])
    for name, column in columns.items():
        facts = facts.append_column(name, column)
    found = read(tmp_path, parquet(facts), format="parquet")
    assert found.properties == [
        {
            "text": "a", "code": "x", "small": 1, "large": 2**63, "real": 1.5, "single": 0.1,
            "money": "12345678901234567890.10", "whole": 12345678901234567890, "tiny": "0.0000000001", "flag": True,
            "naive": "2026-03-02 07:12:33.120000", "zoned": "2026-03-02 07:12:33.120000Z", "day": "2026-03-02",
            "clock": "07:12:33.120000", "span": 1.5, "bytes": "é", "list": [1, None],
            "struct": {"a": "1.5", "b": "2026-03-02 07:12:33.120000", "c": [None]}, "map": {"a": 1, "b": None},
        },
        {"code": "y", "small": 2, "money": "0.01", "whole": 1, "flag": False, "bytes": r"\xff00", "list": [],
            "map": {}},
        {"large": 1, "real": "-Infinity"},
    ]  # fmt: skip


def test_a_mapped_column_of_any_type(tmp_path: Path):
    pa = pytest.importorskip("pyarrow")
    moment = datetime.datetime(2026, 3, 2, 23, 30, tzinfo=datetime.timezone(-datetime.timedelta(hours=5)))
    rows = [
        {"id": 1, "what": "buy", "at": moment, "who": Decimal(873), "amount": Decimal("19.90")},
        {"id": 2, "what": "buy", "at": moment, "who": None, "amount": Decimal("19.90")},
    ]
    schema = pa.schema(
        {"id": "int64", "what": "string", "at": pa.timestamp("ms", "-05:00"), "who": pa.decimal128(38, 0),
         "amount": pa.decimal128(9, 2)}
    )  # fmt: skip
    found = read(tmp_path, parquet(pa.Table.from_pylist(rows, schema=schema)), format="parquet")
    (row,) = found.rows
    assert (row["event_id"], row["event_ts"], row["user_id"], row["amount"]) == (
        "1", "2026-03-03 04:30:00.000000Z", "873", "19.9"
    )  # fmt: skip
    assert [(number, code) for number, code, _ in found.held_back] == [(2, "missing_value")]


def test_parquet_columns_are_checked_like_a_header(tmp_path: Path):
    lacking = [{key: value for key, value in fact().items() if key != "who"}]
    found = read(tmp_path, parquet(lacking), format="parquet")
    assert [code for _, code, _ in found.held_back] == ["missing_column"]


def test_what_is_no_whole_parquet_file_is_refused(tmp_path: Path):
    content = parquet([fact(number) for number in range(1000)])
    for wrong in (
        content[:-10],
        content[: len(content) // 2],
        b"id,what\n",
        content[:100] + bytes(400) + content[500:],
    ):
        with pytest.raises(LoadError, match="file cannot be read as Parquet(.|\n)*Remedy"):
            read(tmp_path, wrong, format="parquet")
    assert read(tmp_path, b"", format="parquet").lines_read == 0
    with pytest.raises(LoadError, match="the gzip data ends(.|\n)*Remedy"):
        read(tmp_path, gzip.compress(content)[:-8], format="parquet")
    assert read(tmp_path, gzip.compress(content), format="parquet").lines_read == 1000
