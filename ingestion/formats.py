"""File formats: how a landed file becomes records.

A contract names its format, and `FORMATS` says which class reads it. A new format, such as Parquet or JSON documents,
is one more class with the methods of `Format`, and one more entry in `FORMATS`.
"""

import csv
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from ingestion.contracts import FileContract
from ingestion.errors import Rejected
from ingestion.json_text import json_type, parse_json
from ingestion.reading import LONGEST_LINE, LandedFile

RECORDS_AT_ONCE = 1000
NOT_PLAIN = (b"\\", b"\t", b"\r", b"\n")  # in a CSV record: some value of it needs escaping for COPY


class Format(Protocol):
    """Reads one file. A piece is what the format cuts a file into, such as a line; it holds one record or none."""

    def __init__(self, contract: FileContract) -> None: ...

    def batches(self, landed: LandedFile) -> Iterator[tuple[Sequence[int], Sequence[Any]]]:
        """The numbers of some pieces and the pieces themselves, in order, until the file is at its end.

        A number is what tells a person where in the file the piece is, such as that of its first line. All bytes are
        read through `landed`, which counts and hashes them.
        """

    def record(self, piece: Any) -> tuple[dict[str, Any], bool] | None:
        """The record in a piece, field to value, and whether none of its values needs escaping for COPY.

        None where the piece holds no record, as a blank line does. Raises `Rejected`.
        """

    def raw(self, piece: Any) -> bytes:
        """The piece as the quarantine keeps it."""


class Ndjson:
    """One JSON object a line. A piece is a line."""

    def __init__(self, contract: FileContract) -> None:
        pass

    def batches(self, landed: LandedFile) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        for first, lines in landed.batches():
            yield range(first, first + len(lines)), lines

    def record(self, piece: bytes) -> tuple[dict[str, Any], bool] | None:
        if not piece or piece.isspace():
            return None
        check_bytes(piece)
        record = parse_json(piece)
        if not isinstance(record, dict):
            raise Rejected("parse", "not_an_object", f"the line holds {json_type(record)}, not an object")
        return record, b"\\" not in piece

    def raw(self, piece: bytes) -> bytes:
        return piece.removesuffix(b"\r")


class Csv:
    """CSV with a header. A piece is one record, which may go over several lines."""

    def __init__(self, contract: FileContract) -> None:
        self._contract = contract
        self._header: list[str] = []
        self._unusable: Rejected | None = None

    def batches(self, landed: LandedFile) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        records = (
            (line_no, record)
            for line_no, record in csv_records(landed.batches())
            if record and not record.isspace() and not self._takes_header(record)
        )
        while batch := list(itertools.islice(records, RECORDS_AT_ONCE)):
            yield tuple(zip(*batch, strict=True))

    def record(self, piece: bytes) -> tuple[dict[str, Any], bool]:
        if self._unusable is not None:
            raise Rejected(*self._unusable.args)
        piece = self.raw(piece)
        check_bytes(piece)
        try:
            fields = csv_fields(piece.decode(), self._contract.delimiter)
        except csv.Error as error:
            raise Rejected("parse", "malformed_csv", str(error)) from error
        if len(fields) != len(self._header):
            raise Rejected("parse", "column_count", f"{len(fields)} fields, the header has {len(self._header)}")
        return dict(zip(self._header, fields, strict=True)), not any(mark in piece for mark in NOT_PLAIN)

    def raw(self, piece: bytes) -> bytes:
        return piece.removesuffix(b"\r")

    def _takes_header(self, record: bytes) -> bool:
        """Whether the record is a header that can be used. One that cannot be used is held back like all below it."""
        if self._header:
            return False
        self._header = _header(self.raw(record), self._contract.delimiter)
        self._unusable = _unusable(self._header, self._contract)
        return self._unusable is None


FORMATS: dict[str, type[Format]] = {"ndjson": Ndjson, "csv": Csv}


def csv_records(batches: Iterator[tuple[int, list[bytes]]]) -> Iterator[tuple[int, bytes]]:
    """Group physical lines into CSV records: a newline within quotes belongs to the record.

    Yields (number of the record's first line, its bytes). A quote that is never closed would swallow the rest of the
    file; then its line is a record of its own, and reading goes on behind it.
    """
    numbered = ((first + offset, line) for first, lines in batches for offset, line in enumerate(lines))
    waiting: list[tuple[int, bytes]] = []  # lines read ahead that turned out not to belong together
    while True:
        line_no, record = waiting.pop() if waiting else next(numbered, (0, None))
        if record is None:
            return
        if record.count(b'"') % 2 == 0:
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
            is_open = part[1].count(b'"') % 2 == 0
        if is_open:
            waiting.extend(reversed(parts[1:]))
            yield parts[0]
        else:
            yield line_no, b"\n".join(part for _, part in parts)


def csv_fields(record: str, delimiter: str) -> list[str]:
    """The fields of one record. Raises `csv.Error` where the quoting is wrong."""
    return next(csv.reader([record], strict=True, delimiter=delimiter))


def _header(raw: bytes, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in csv_fields(raw.decode(), delimiter)]
    except (UnicodeDecodeError, ValueError, csv.Error):
        return [raw.decode(errors="replace")]


def _unusable(header: list[str], contract: FileContract) -> Rejected | None:
    """Why no line below this header can be mapped, if so."""
    shown = ", ".join(header)[:200]
    if missing := sorted(set(contract.columns.values()) - contract.optional - set(header)):
        return Rejected("parse", "missing_column", f"the header has no {', '.join(missing)}; it is: {shown}")
    if len(set(header)) < len(header):
        return Rejected("parse", "missing_column", f"the header names a column twice; it is: {shown}")
    return None


def check_bytes(line: bytes) -> None:
    """Raises `Rejected` for bytes that can be no text of ours."""
    if len(line) > LONGEST_LINE:
        raise Rejected("read", "line_too_long", f"{len(line):,} bytes, more than {LONGEST_LINE // 1024**2} MiB")
    if b"\0" in line:
        raise Rejected("read", "nul_byte", f"a NUL byte at position {line.index(0) + 1}")
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise Rejected("read", "invalid_utf8", f"at byte {error.start + 1}: {error.reason}") from error
