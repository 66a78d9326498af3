"""One landed file as rows of COPY text; the lines that cannot become rows go to the quarantine."""

import datetime
import difflib
import itertools
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO, NamedTuple

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
from ingestion.workers import helper_count, worker_pool

ENOUGH_RECORDS = 10  # fewer say nothing about a file
KEPT_IN_MEMORY = 8 * 1024**2  # bytes of derived rows before they go to a temporary file
READ_AT_ONCE = 1 << 20  # bytes
EXAMPLES = 20  # records that are kept to tell what they hold
LEARNED_FROM = 100  # pieces of a file that a function is made from; for fewer it is not worth it
SETTLED = 2000  # pieces of a file, after which its function is rarely made anew
MOST_HELPERS = 2  # processes that map one file: PostgreSQL takes the rows no faster than two give them
WAITING = 8  # batches that they have, or have mapped before their turn

Batch = tuple[Sequence[int], Sequence[Any]]  # the numbers of some pieces, and the pieces


class Mapped(NamedTuple):
    """What the function of a file makes of a batch.

    Attributes:
        texts: COPY text, cut wherever a piece is in doubt.
        doubts: the places of these pieces in the batch.
        skipped: how many pieces the contract skips.
        derived: for each kind that is derived from the lines, what `Takes.handed_over` gives.
    """

    texts: list[bytes]
    doubts: list[int]
    skipped: int
    derived: list[tuple[int, list[int]]]


class FileRows:
    """The rows of one file, in chunks of COPY text; and those of each kind that is derived from its lines.

    What the quarantine gets is written to `held_back`, as COPY text, too.

    A line of nothing but blanks is no line, as in every NDJSON and CSV reader; it keeps its number all the same.

    Of a large file that a function maps, other processes map the later part, while this one reads and hashes it and
    decides upon the pieces in doubt. Rows, quarantine and counts are those that one process would give, in that order;
    as ever, the order of the keys in `properties` may differ.
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
            self._takes = [Takes(kind.contract) for kind in self.derived]
            self._fast_records = FastRecords(self._own.mapper, self._takes, self.format.record)
        self._mapped = 0
        # A row of Parquet is made of values: to send them takes as long as to map them.
        self._helpers = 0 if file.contract.format == "parquet" else helper_count(MOST_HELPERS)

    @property
    def quarantined(self) -> int:
        return self._own.quarantined

    @property
    def skipped(self) -> int:
        return self._own.skipped

    def chunks(self) -> Iterator[bytes]:
        """COPY text, batch by batch. Who does not take all of it closes it, which ends the processes that map."""
        batches = self._batches()
        for batch in batches:
            yield self._text(*batch)
            if self._fast_records and self._mapped >= SETTLED and self._helpers:
                yield from self._mapped_by_helpers(batches)
        if tear := self.landed.tear:
            self.lines_read += 1
            self._own.hold_back(tear.line_no, tear.raw, Rejected("read", "truncated_file", tear.detail))
        for kind in (self._own, *self.derived):
            kind.check_sought()

    def _batches(self) -> Iterator[Batch]:
        for numbers, pieces in self.format.batches(self.landed):
            self.lines_read += len(pieces)
            self.fields.look(pieces, self.format.record)
            yield numbers, pieces

    def _text(self, numbers: Sequence[int], pieces: Sequence[Any]) -> bytes:
        if self.fast:
            text = "".join(self._fast_rows(numbers, pieces)).encode()
        elif (function := self._function(pieces)) and (mapped := self._map(function, numbers, pieces)):
            text = self._with_the_rest(numbers, pieces, mapped)
        else:
            text = self._exact_text(numbers, pieces)
        return self._found(text)

    def _exact_text(self, numbers: Sequence[int], pieces: Sequence[Any]) -> bytes:
        return "".join(map(self._row, numbers, pieces)).encode()

    def _found(self, text: bytes) -> bytes:
        if text:
            self._own.sought = []
        return text

    def _function(self, pieces: Sequence[Any]) -> Row | None:
        """The function for the next pieces, once enough is known of the file."""
        if not self._fast_records:
            return None
        if self.format.names is None:
            for piece in pieces[: max(LEARNED_FROM - self._mapped, 0)]:
                self._learn(piece)
        self._mapped += len(pieces)
        if self._mapped <= LEARNED_FROM:
            return None
        try:
            return self._fast_records.function(self.format.names, len(pieces))
        except NotCovered:
            self._fast_records = None
            return None

    def _map(self, function: Row, numbers: Sequence[int], pieces: Sequence[Any]) -> Mapped | None:
        """What the function makes of pieces; None where a piece may not be plain. It changes nothing of the file."""
        values = self.format.plain(pieces)
        if values is None:
            return None
        texts, rows, doubts, skipped = [], [], [], 0
        for place, (number, piece, value) in enumerate(zip(numbers, pieces, values, strict=True)):
            try:
                row = function(number, value, piece)
            except DOUBTS:
                doubts.append(place)
                texts.append("".join(rows).encode())
                rows = []
                continue
            if row is None:
                skipped += 1
            else:
                rows.append(row)
        texts.append("".join(rows).encode())
        return Mapped(texts, doubts, skipped, [takes.handed_over() for takes in self._takes])

    def _with_the_rest(self, numbers: Sequence[int], pieces: Sequence[Any], mapped: Mapped) -> bytes:
        """The rows of a batch, once what the function left was done: pieces in doubt, and those for derived kinds."""
        self._own.skipped += mapped.skipped
        taken: dict[int, list[DerivedRows]] = {}
        for kind, (left_out, lines) in zip(self.derived, mapped.derived, strict=True):
            kind.leave_out(left_out)
            for number in lines:
                taken.setdefault(number, []).append(kind)
        place_of = {number: place for place, number in enumerate(numbers)} if taken else {}
        doubts = dict(zip(mapped.doubts, mapped.texts[1:], strict=True))  # with what follows them
        rows = [mapped.texts[0]]
        for place in sorted([*doubts, *(place_of[number] for number in taken)]):
            if place in doubts:
                rows += self._row(numbers[place], pieces[place], is_learned=True).encode(), doubts[place]
            else:
                record = self.format.record(pieces[place])
                for kind in taken[numbers[place]]:
                    kind.take(numbers[place], record, pieces[place])
        return b"".join(rows)

    def _mapped_by_helpers(self, batches: Iterator[Batch]) -> Iterator[bytes]:
        """The rows of the next batches, until the file ends or its function is to be made anew.

        A helper begins as a copy of this process: the function, which cannot be sent, is there.
        """
        ahead = list(itertools.islice(batches, WAITING))
        if len(ahead) < WAITING:  # not worth a process
            yield from (self._text(*batch) for batch in ahead)
            return
        function = self._fast_records.function(self.format.names, 0)
        with worker_pool(self._helpers, partial(_begin, partial(self._map, function))) as pool:
            waiting = deque()
            for batch in itertools.chain(ahead, batches):
                waiting.append((batch, pool.submit(_map, *batch)))
                if len(waiting) >= WAITING:
                    yield self._handed_back(*waiting.popleft())
                if self._fast_records.is_outdated(self.format.names):
                    break
            for each in waiting:
                yield self._handed_back(*each)

    def _handed_back(self, batch: Batch, future: Future[Mapped | None]) -> bytes:
        try:
            mapped = future.result()
        except BrokenProcessPool as error:
            raise LoadError(
                f"{self.file.path}: a process that mapped some of its lines ended before it was done.\n"
                f"Remedy: see whether the machine's memory is too small (`dmesg` names what was killed); load it again."
            ) from error
        return self._found(self._exact_text(*batch) if mapped is None else self._with_the_rest(*batch, mapped))

    def _learn(self, piece: Any) -> None:
        with suppress(Rejected):
            if record := self.format.record(piece):
                self._fast_records.learn(record)

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

    def leave_out(self, lines: int) -> None:
        """Count lines that the contract skips."""
        self.lines_read += lines
        self.skipped += lines

    def chunks(self) -> Iterator[bytes]:
        """The rows, once all records were taken."""
        self.rows.seek(0)
        while chunk := self.rows.read(READ_AT_ONCE):
            yield chunk + self.rows.readline()


class Takes:
    """What the function of a file finds for a kind that is derived from its lines, until the end of a batch."""

    def __init__(self, contract: FileContract) -> None:
        self.contract = contract
        self._left_out = 0
        self._lines: list[int] = []

    def leave_out(self) -> None:
        self._left_out += 1

    def take(self, number: int) -> None:
        self._lines.append(number)

    def handed_over(self) -> tuple[int, list[int]]:
        """How many lines the kind leaves out, and the numbers of those that it takes."""
        found = self._left_out, self._lines
        self._left_out, self._lines = 0, []
        return found


_map_here: Callable[..., Mapped | None]  # in a helper: `FileRows._map` with the function of the file


def _begin(map_here: Callable[..., Mapped | None]) -> None:
    global _map_here
    _map_here = map_here


def _map(numbers: Sequence[int], pieces: Sequence[Any]) -> Mapped | None:
    return _map_here(numbers, pieces)
