"""One landed file as rows of COPY text; the lines that cannot become rows go to the quarantine."""

import datetime
import difflib
import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from ingestion.contracts import FileContract
from ingestion.drift import FieldsSeen
from ingestion.errors import LoadError, Rejected
from ingestion.fast_events import Doubt, FastEvents
from ingestion.fast_records import DOUBTS, FastRecords, NotCovered, Row
from ingestion.formats import FORMATS
from ingestion.landing import DayFile
from ingestion.mapping import ESCAPES, Mapper
from ingestion.origins import is_present, paths_of
from ingestion.reading import LandedFile

ENOUGH_RECORDS = 10  # fewer say nothing about a file
KEPT_IN_MEMORY = 8 * 1024**2  # bytes of derived rows before they go to a temporary file
READ_AT_ONCE = 1 << 20  # bytes
EXAMPLES = 20  # records that are kept to tell what they hold
LEARNED_FROM = 100  # pieces of a file that a function is made from; for fewer it is not worth it


class FileRows:
    """The rows of one file, in chunks of COPY text; and those of each kind that is derived from its lines.

    What the quarantine gets is written to `held_back`, as COPY text, too.

    A line of nothing but blanks is no line, as in every NDJSON and CSV reader; it keeps its number all the same.
    """

    def __init__(
        self,
        file: DayFile,
        load_date: datetime.date,
        load_id: int,
        held_back: BinaryIO,
        fields: FieldsSeen | None = None,
    ) -> None:
        self.file = file
        self.fields = FieldsSeen(file.contract) if fields is None else fields
        self.landed = LandedFile(file.path, file.contract.dialect.encoding)
        self.format = FORMATS[file.contract.format](file.contract)
        self.fast = FastEvents(file.contract, load_date, file.file_no) if FastEvents.covers(file.contract) else None
        self.lines_read = 0
        where = "\t".join([str(load_id), str(load_date), file.contract.source, file.name.translate(ESCAPES)])
        about = (file, load_date, where, held_back, self.format.raw)
        self._own = KindRows(file.contract, *about)
        self.derived = [DerivedRows(kind, *about) for kind in file.contract.derived]
        self._fast_records: FastRecords | None = None
        if self.fast is None and FastRecords.covers(file.contract):
            self._fast_records = FastRecords(self._own.mapper, self.derived, self.format.record)
        self._mapped = 0

    @property
    def quarantined(self) -> int:
        return self._own.quarantined

    @property
    def skipped(self) -> int:
        return self._own.skipped

    def chunks(self) -> Iterator[bytes]:
        for numbers, pieces in self.format.batches(self.landed):
            self.lines_read += len(pieces)
            self.fields.look(pieces, self.format.record)
            text = "".join(self._rows(numbers, pieces))
            if text:
                self._own.sought = []
            yield text.encode()
        if tear := self.landed.tear:
            self.lines_read += 1
            self._own.hold_back(tear.line_no, tear.raw, Rejected("read", "truncated_file", tear.detail))
        for kind in (self._own, *self.derived):
            kind.check_sought()

    def _rows(self, numbers: Sequence[int], pieces: Sequence[Any]) -> Iterable[str]:
        if self.fast:
            return self._fast_rows(numbers, pieces)
        if self._fast_records and (values := self.format.plain(pieces)) is not None:
            return self._rows_by_function(numbers, pieces, values)
        return map(self._row, numbers, pieces)

    def _rows_by_function(self, numbers: Sequence[int], pieces: Sequence[Any], values: Sequence[Any]) -> Iterable[str]:
        """The rows of pieces, of which the function gets the values."""
        if self.format.names is None:
            for piece in pieces[: max(LEARNED_FROM - self._mapped, 0)]:
                self._learn(piece)
        self._mapped += len(pieces)
        function = self._function(len(pieces)) if self._mapped > LEARNED_FROM else None
        if function is None:
            return map(self._row, numbers, pieces)
        rows = []
        for number, piece, value in zip(numbers, pieces, values, strict=True):
            try:
                row = function(number, value, piece)
            except DOUBTS:
                row = self._row(number, piece, is_learned=True)
            if row is None:
                self._own.skipped += 1
            else:
                rows.append(row)
        return rows

    def _learn(self, piece: Any) -> None:
        with suppress(Rejected):
            if record := self.format.record(piece):
                self._fast_records.learn(record)

    def _function(self, lines: int) -> Row | None:
        try:
            return self._fast_records.function(self.format.names, lines)
        except NotCovered:
            self._fast_records = None
            return None

    def _fast_rows(self, numbers: Sequence[int], pieces: Sequence[Any]) -> list[str]:
        fast = self.fast.batch(pieces)
        rows = []
        for number, piece in zip(numbers, pieces, strict=True):
            try:
                rows.append(fast(number, piece))
            except Doubt:
                rows.append(self._row(number, piece, in_doubt=True))
        return rows

    def _row(self, number: int, piece: Any, *, in_doubt: bool = False, is_learned: bool = False) -> str:
        """The row of one piece: nothing where the piece holds no record, or is held back."""
        try:
            record = self.format.record(piece)
        except Rejected as why:
            self._own.hold_back(number, self.format.raw(piece), why)
            return ""
        if record is None:
            self.lines_read -= 1
            return ""
        if in_doubt:
            self.fields.note(record)  # a field that the contract does not know always raises a doubt
        if is_learned and self._fast_records:
            self._fast_records.learn(record)
        for kind in self.derived:
            kind.take(number, record, piece)
        return self._own.row(number, record, piece)


class KindRows:
    """The rows that one kind of file makes of the records of a file, and what it holds back and skips."""

    def __init__(
        self,
        contract: FileContract,
        file: DayFile,
        load_date: datetime.date,
        where: str,
        held_back: BinaryIO,
        raw: Callable[[Any], bytes],
    ) -> None:
        self.contract = contract
        self.quarantined = 0
        self.skipped = 0
        self._path = file.path
        self.mapper = Mapper(contract, load_date, file.file_no, file.path.name)
        self._held_back = held_back
        self._raw = raw
        # A line that another kind was to be derived from is not the line itself, which has its own account.
        self._where, self._derived_kind = where, contract.name.translate(ESCAPES) if contract.derived_from else ""
        # What every row needs, until a record has it; and some of the records that have not.
        self.sought = self.mapper.sought
        self._examples: list[dict[str, Any]] = []
        self._records = 0

    def row(self, number: int, record: dict[str, Any], piece: Any) -> str:
        """The row of one record and the piece that holds it: nothing where it is skipped or held back."""
        try:
            if self.contract.skip and self.mapper.skips(record):
                self.skipped += 1
                return ""
            if self.sought:
                self._seek(record)
            return self.mapper.row(number, record)
        except Rejected as why:
            self.hold_back(number, self._raw(piece), why)
            return ""

    def check_sought(self) -> None:
        """Raises `LoadError` where what every row needs is in no record: the contract is wrong, and not the lines."""
        if self.sought and self._records >= ENOUGH_RECORDS:
            raise self._not_there()

    def _seek(self, record: dict[str, Any]) -> None:
        self._records += 1
        self.sought = [
            (columns, origins)
            for columns, origins in self.sought
            if not any(is_present(origin, record) for origin in origins)
        ]
        if self.sought and len(self._examples) < EXAMPLES:
            self._examples.append(record)

    def _not_there(self) -> LoadError:
        contract = self.contract
        there = dict.fromkeys(itertools.chain(*map(paths_of, self._examples)))
        wanted, near = [], {}
        for columns, origins in self.sought:
            wanted.append(
                " or ".join(f"{origin} (column {name})" for name, origin in zip(columns, origins, strict=True))
            )
            for origin in origins:
                near |= dict.fromkeys(difflib.get_close_matches(str(origin), there, 3, 0.5))
        shown = [*near, *(name for name in there if name not in near)]
        return LoadError(
            f"{self._path}: no record has {', nor '.join(wanted)}, which files.{contract.name} of "
            f"the contract of {contract.source} maps and every row needs. "
            f"The records have {', '.join(shown[:12])}{', …' * (len(shown) > 12)}.\n"
            f"Remedy: correct the names under columns; `make source-check` tries them on the file."
        )

    def hold_back(self, line_no: int, raw: bytes, why: Rejected) -> None:
        self.quarantined += 1
        detail = why.detail.replace("\0", "").translate(ESCAPES)
        line = f"{self._where}\t{line_no}\t{why.stage}\t{why.code}\t{detail}\t{self._derived_kind}\t\\\\x"
        self._held_back.write(line.encode(errors="replace"))
        self._held_back.write(raw.hex().encode())
        self._held_back.write(b"\n")


class DerivedRows(KindRows):
    """The rows of a kind that is derived from the lines of another; they wait until those of the other are copied."""

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self.lines_read = 0
        self.made = 0
        self.rows = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115

    def take(self, number: int, record: dict[str, Any], piece: Any) -> None:
        self.lines_read += 1
        if row := self.row(number, record, piece):
            self.made += 1
            self.sought = []
            self.rows.write(row.encode())

    def leave_out(self) -> None:
        """Count a line that the contract skips."""
        self.lines_read += 1
        self.skipped += 1

    def chunks(self) -> Iterator[bytes]:
        """The rows, once all records were taken."""
        self.rows.seek(0)
        while chunk := self.rows.read(READ_AT_ONCE):
            yield chunk + self.rows.readline()
