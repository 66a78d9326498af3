"""File formats: how a landed file becomes records.

A contract names its format, and `FORMATS` says which class reads it. A new format is one more class with the methods of
`Format`, and one more entry in `FORMATS`.
"""

import csv
import itertools
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from ingestion.contracts import Dialect, FileContract
from ingestion.errors import LoadError, Rejected
from ingestion.json_pieces import Pieces
from ingestion.json_text import encode, json_type, parse_json
from ingestion.origins import fields, lacking
from ingestion.parquet import parquet_batches
from ingestion.reading import LONGEST_KEPT, LONGEST_LINE, LandedFile, Tear
from ingestion.text_encoding import UTF_8

RECORDS_AT_ONCE = 1000

csv.field_size_limit(LONGEST_LINE)  # else a field of more than 128 KiB would be wrong


class Format(Protocol):
    """Reads one file. A piece is what the format cuts a file into, such as a line; it holds one record or none."""

    def __init__(self, contract: FileContract) -> None: ...

    def batches(self, landed: LandedFile) -> Iterator[tuple[Sequence[int], Sequence[Any]]]:
        """The numbers of some pieces and the pieces themselves, in order, until the file is at its end.

        A number is what tells a person where in the file the piece is, such as that of its first line. All bytes are
        read through `landed`, which counts and hashes them. A file that breaks off leaves its `tear` there.
        """

    def record(self, piece: Any) -> dict[str, Any] | None:
        """The record in a piece, field to value; None where it holds none, as a blank line does. Raises `Rejected`."""

    def raw(self, piece: Any) -> bytes:
        """The piece as the quarantine keeps it."""

    names: Sequence[str] | None
    """Of the columns of a table, once `plain` has given values; None where the records are JSON."""

    def plain(self, pieces: Sequence[Any]) -> Sequence[Any] | None:
        """What `FastRecords` maps of each piece: JSON, or the values of a row. None where a piece may not be plain."""


class Ndjson:
    """One JSON object a line. A piece is a line."""

    def __init__(self, contract: FileContract) -> None:
        self._contract = contract

    def batches(self, landed: LandedFile) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        for first, lines in landed.batches():
            yield range(first, first + len(lines)), lines

    def record(self, piece: bytes) -> dict[str, Any] | None:
        if not piece or piece.isspace():
            return None
        check_bytes(piece)
        record = parse_json(piece)
        if not isinstance(record, dict):
            raise Rejected("parse", "not_an_object", f"the line holds {json_type(record)}, not an object")
        return record

    def raw(self, piece: bytes) -> bytes:
        return piece.removesuffix(b"\r")

    names = None

    def plain(self, pieces: Sequence[bytes]) -> Sequence[bytes]:
        return pieces


class JsonArray(Ndjson):
    """One array of objects, or several one after the other. A piece is an element; its number is that in the file."""

    def batches(self, landed: LandedFile) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        pieces = Pieces(landed, self._contract.dialect.records)
        numbered = enumerate(pieces, 1)
        read = 0
        while batch := list(itertools.islice(numbered, RECORDS_AT_ONCE)):
            read += len(batch)
            yield tuple(zip(*batch, strict=True))
        if pieces.rest is not None or landed.breaks_off:
            how = landed.breaks_off or (
                "the document ends within this record, or before the end of its array, or a bracket or a quote is "
                "missing in this record, and then the records behind it are held back with it. "
                "Remedy: have it landed again, and load the day again."
            )
            landed.tear = Tear(read + 1, pieces.rest or b"", how)

    def record(self, piece: bytes) -> dict[str, Any]:
        return super().record(piece)


class JsonDocument(Ndjson):
    """One JSON document a file. It is the record, or its records are in an array of it, as the contract says."""

    def __new__(cls, contract: FileContract) -> "JsonDocument | JsonArray":
        return JsonArray(contract) if contract.dialect.records else super().__new__(cls)

    def batches(self, landed: LandedFile) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        document = b""
        for block in landed.blocks():
            document += block
            if len(document) > LONGEST_KEPT:
                raise LoadError(
                    f"{landed.path}: a document longer than {LONGEST_KEPT // 1024**2} MiB.\n"
                    f"Remedy: say under `records` of its contract where in it the records are, or land it in parts."
                )
        if landed.breaks_off:
            landed.tear = Tear(1, document, landed.breaks_off)
        else:
            yield [1], [document]


class Csv:
    """Records of delimited fields. A piece is one record, which may go over several lines."""

    def __init__(self, contract: FileContract) -> None:
        self._contract = contract
        self._dialect = contract.dialect
        self._fields = csv_fields(contract.dialect)
        self._header = list(contract.dialect.fields)
        self._unusable: Rejected | None = None
        self._landed: LandedFile | None = None

    def batches(self, landed: LandedFile) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        self._landed = landed
        opens, blocks = is_open(self._dialect), landed.batches()
        for first, lines in blocks:
            if any(map(opens, lines)):  # from here on, records may go over several lines
                records = csv_records(itertools.chain([(first, lines)], blocks), opens)
            else:
                records = iter(enumerate(lines, first))
            kept = (
                (line_no, record)
                for line_no, record in records
                if record and not record.isspace() and not self._takes_header(record)
            )
            while batch := list(itertools.islice(kept, RECORDS_AT_ONCE)):
                yield tuple(zip(*batch, strict=True))

    def record(self, piece: bytes) -> dict[str, Any]:
        if self._unusable is not None:
            raise Rejected(*self._unusable.args)
        piece = piece.removesuffix(b"\r")
        text = check_bytes(piece, self._dialect.encoding)
        try:
            fields = self._fields(text)
        except csv.Error as error:
            raise Rejected("parse", "malformed_csv", str(error)) from error
        if len(fields) != len(self._header):
            those = "contract names" if self._dialect.fields else "header has"
            raise Rejected("parse", "column_count", f"{len(fields)} fields, the {those} {len(self._header)}")
        return dict(zip(self._header, fields, strict=True))

    def raw(self, piece: bytes) -> bytes:
        return self._landed.as_landed(piece.removesuffix(b"\r"))

    @property
    def names(self) -> list[str]:
        return self._header

    def plain(self, pieces: Sequence[bytes]) -> list[list[str]] | None:
        """The fields of all pieces at once. An open quote would take the next piece along: then there are fewer."""
        whole = b"\n".join(pieces)
        if self._unusable or b"\0" in whole or max(map(len, pieces), default=0) > LONGEST_LINE:
            return None
        if b"\r" in whole:
            pieces = [piece.removesuffix(b"\r") for piece in pieces]
        try:
            rows = list(csv.reader([piece.decode() for piece in pieces], **csv_options(self._dialect)))
        except (UnicodeDecodeError, csv.Error):
            return None
        return rows if len(rows) == len(pieces) else None

    def _takes_header(self, record: bytes) -> bool:
        """Whether the record is a header that can be used. One that cannot be used is held back like all below it."""
        if self._header:
            return False
        written = self._written_header(record.removesuffix(b"\r"))
        self._unusable = unusable_header(written, self._contract)
        self._header = unique_names(written)
        return self._unusable is None

    def _written_header(self, record: bytes) -> list[str]:
        try:
            return [name.strip() for name in self._fields(record.decode())]
        except (UnicodeDecodeError, ValueError, csv.Error):
            return [record.decode(errors="replace")]


class Parquet:
    """Rows of a table. A piece is the values of a row; its number is that of the row."""

    def __init__(self, contract: FileContract) -> None:
        self._contract = contract
        self._unusable: Rejected | None = None
        self._names: list[str] = []

    def batches(self, landed: LandedFile) -> Iterator[tuple[Sequence[int], Sequence[tuple[Any, ...]]]]:
        first = 1
        for names, columns in parquet_batches(landed):
            self._unusable = unusable_header(names, self._contract)
            self._names = unique_names(names)
            rows = list(zip(*columns, strict=True))
            yield range(first, first + len(rows)), rows
            first += len(rows)

    def record(self, piece: tuple[Any, ...]) -> dict[str, Any]:
        if self._unusable is not None:
            raise Rejected(*self._unusable.args)
        return dict(zip(self._names, piece, strict=True))

    def raw(self, piece: tuple[Any, ...]) -> bytes:
        return encode(dict(zip(self._names, piece, strict=True)))

    @property
    def names(self) -> list[str]:
        return self._names

    def plain(self, pieces: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]] | None:
        return None if self._unusable else pieces


FORMATS: dict[str, type[Format]] = {
    "ndjson": Ndjson,
    "json_array": JsonArray,
    "json_document": JsonDocument,
    "csv": Csv,
    "tsv": Csv,
    "parquet": Parquet,
}


def csv_records(
    batches: Iterator[tuple[int, list[bytes]]], opens: Callable[[bytes], bool]
) -> Iterator[tuple[int, bytes]]:
    """Group physical lines into CSV records: a newline within quotes belongs to the record.

    Yields (number of the record's first line, its bytes). A quote that is never closed would swallow the rest of the
    file; then its line is a record of its own, and reading goes on behind it.

    Args:
        opens: whether a line opens or closes a quote that goes over its end.
    """
    numbered = ((first + offset, line) for first, lines in batches for offset, line in enumerate(lines))
    waiting: list[tuple[int, bytes]] = []  # lines read ahead that turned out not to belong together
    while True:
        line_no, record = waiting.pop() if waiting else next(numbered, (0, None))
        if record is None:
            return
        if not opens(record):
            yield line_no, record
            continue
        parts = [(line_no, record)]
        size, is_open = len(record), True
        while is_open and size <= LONGEST_LINE:
            part = waiting.pop() if waiting else next(numbered, None)
            if part is None:
                break
            parts.append(part)
            size += len(part[1]) + 1
            is_open = not opens(part[1])
        if is_open:
            waiting.extend(reversed(parts[1:]))
            yield parts[0]
        else:
            yield line_no, b"\n".join(part for _, part in parts)


def is_open(dialect: Dialect) -> Callable[[bytes], bool]:
    """Whether a line opens or closes a quote that goes over its end."""
    if dialect.quote is None:
        return lambda line: False
    quote = dialect.quote.encode()
    if dialect.escape is None:
        return lambda line: line.count(quote) % 2 == 1
    escaped = re.compile(re.escape(dialect.escape.encode()) + b".", re.DOTALL)
    return lambda line: escaped.sub(b"", line).count(quote) % 2 == 1


def csv_options(dialect: Dialect) -> dict[str, Any]:
    """A dialect as Python's csv wants it."""
    return {
        "delimiter": dialect.delimiter,
        "quotechar": dialect.quote,
        "escapechar": dialect.escape,
        "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        "strict": True,
    }


def csv_fields(dialect: Dialect) -> Callable[[str], list[str]]:
    """A function from one record to its fields, which raises `csv.Error` where the quoting is wrong."""
    # One reader for all records: it takes each from here.
    waiting: deque[str] = deque()
    reader = csv.reader(iter(waiting.popleft, None), **csv_options(dialect))

    def fields(record: str) -> list[str]:
        waiting.append(record)
        try:
            return next(reader)
        except IndexError as error:  # it wants more, for a quote is open
            raise csv.Error("unexpected end of data") from error

    return fields


def unique_names(names: list[str]) -> list[str]:
    """The names of columns; of those that stand twice the later get a number, so that no value is lost."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique


def unusable_header(names: list[str], contract: FileContract) -> Rejected | None:
    """Why no record below this header can be mapped, if so."""
    shown = ", ".join(names)[:200]
    kinds = (contract, *contract.derived)
    origins = [origin for kind in kinds for origin in kind.columns.values()]
    known = {*names, *itertools.chain(*[kind.optional for kind in kinds])}
    if missing := sorted({name for origin in origins for name in lacking(origin, known)}):
        others = [each for each in ",;\t|" if len(names) == 1 and each in names[0]]
        hint = f" (one column: is {others[0]!r} the delimiter?)" if others else ""
        return Rejected("parse", "missing_column", f"the header has no {', '.join(missing)}; it is: {shown}{hint}")
    mapped = {name for origin in origins for name in fields(origin)}
    if twice := sorted(name for name, count in Counter(names).items() if count > 1 and name in mapped):
        return Rejected(
            "parse",
            "missing_column",
            f"the header names a column twice, {', '.join(twice)}, and the contract maps it; it is: {shown}",
        )
    return None


def check_bytes(line: bytes, encoding: str = UTF_8) -> str:
    """The text in UTF-8, made of the file's encoding. Raises `Rejected` for bytes that can be no text of ours."""
    if len(line) > LONGEST_LINE:
        raise Rejected("read", "line_too_long", f"{len(line):,} bytes, more than {LONGEST_LINE // 1024**2} MiB")
    if b"\0" in line:
        raise Rejected("read", "nul_byte", f"a NUL byte at position {line.index(0) + 1}")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        if encoding == UTF_8:
            raise Rejected("read", "invalid_utf8", f"at byte {error.start + 1}: {error.reason}") from error
        before = line[: error.start].decode(errors="surrogatepass")
        raise Rejected("read", "invalid_encoding", f"at character {len(before) + 1}: no {encoding}") from error
