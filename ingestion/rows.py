"""One landed file as rows of COPY text; the lines that cannot become rows go to the quarantine."""

import datetime
import difflib
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from ingestion.errors import LoadError, Rejected
from ingestion.fast_events import Doubt, FastEvents
from ingestion.formats import FORMATS
from ingestion.landing import DayFile
from ingestion.mapping import ESCAPES, Mapper
from ingestion.origins import is_present, paths_of
from ingestion.reading import LandedFile

ENOUGH_RECORDS = 10  # fewer say nothing about a file
EXAMPLES = 20  # records that are kept to tell what they hold


class FileRows:
    """The rows of one file, in chunks of COPY text.

    What the quarantine gets is written to `held_back`, as COPY text, too.

    A line of nothing but blanks is no line, as in every NDJSON and CSV reader; it keeps its number all the same.
    """

    def __init__(self, file: DayFile, load_date: datetime.date, load_id: int, held_back: BinaryIO) -> None:
        self.file = file
        self.landed = LandedFile(file.path, file.contract.dialect.encoding)
        self.format = FORMATS[file.contract.format](file.contract)
        self.mapper = Mapper(file.contract, load_date, file.file_no, file.path.name)
        self.fast = FastEvents(file.contract, load_date, file.file_no) if FastEvents.covers(file.contract) else None
        self.lines_read = 0
        self.quarantined = 0
        self.skipped = 0
        self._held_back = held_back
        # What every row needs, until a record has it; and some of the records that have not.
        self._sought = self.mapper.sought
        self._examples: list[dict[str, Any]] = []
        self._records = 0
        self._where = "\t".join([str(load_id), str(load_date), file.contract.source, file.name.translate(ESCAPES)])

    def chunks(self) -> Iterator[bytes]:
        for numbers, pieces in self.format.batches(self.landed):
            self.lines_read += len(pieces)
            rows = self._fast_rows(numbers, pieces) if self.fast else map(self._row, numbers, pieces)
            text = "".join(rows)
            if text:
                self._sought = []
            yield text.encode()
        if tear := self.landed.tear:
            self.lines_read += 1
            self._hold_back(tear.line_no, tear.raw, Rejected("read", "truncated_file", tear.detail))
        if self._sought and self._records >= ENOUGH_RECORDS:
            raise self._not_there()

    def _fast_rows(self, numbers: Sequence[int], pieces: Sequence[Any]) -> list[str]:
        fast = self.fast.batch(pieces)
        rows = []
        for number, piece in zip(numbers, pieces, strict=True):
            try:
                rows.append(fast(number, piece))
            except Doubt:
                rows.append(self._row(number, piece))
        return rows

    def _row(self, number: int, piece: Any) -> str:
        """The row of one piece: nothing where the piece holds no record, or is held back."""
        try:
            record = self.format.record(piece)
            if record is None:
                self.lines_read -= 1
                return ""
            if self.file.contract.skip and self.mapper.skips(record):
                self.skipped += 1
                return ""
            if self._sought:
                self._seek(record)
            return self.mapper.row(number, record)
        except Rejected as why:
            self._hold_back(number, self.format.raw(piece), why)
            return ""

    def _seek(self, record: dict[str, Any]) -> None:
        self._records += 1
        self._sought = [
            (columns, origins)
            for columns, origins in self._sought
            if not any(is_present(origin, record) for origin in origins)
        ]
        if self._sought and len(self._examples) < EXAMPLES:
            self._examples.append(record)

    def _not_there(self) -> LoadError:
        """What no record of the file has, although every row needs it: the contract is wrong, and not the lines."""
        contract = self.file.contract
        there = dict.fromkeys(itertools.chain(*map(paths_of, self._examples)))
        wanted, near = [], {}
        for columns, origins in self._sought:
            wanted.append(
                " or ".join(f"{origin} (column {name})" for name, origin in zip(columns, origins, strict=True))
            )
            for origin in origins:
                near |= dict.fromkeys(difflib.get_close_matches(str(origin), there, 3, 0.5))
        shown = [*near, *(name for name in there if name not in near)]
        return LoadError(
            f"{self.file.path}: no record has {', nor '.join(wanted)}, which files.{contract.name} of "
            f"ingestion/sources/{contract.source}.yml maps and every row needs. "
            f"The records have {', '.join(shown[:12])}{', …' * (len(shown) > 12)}.\n"
            f"Remedy: correct the names under columns; `make source-check` tries them on the file."
        )

    def _hold_back(self, line_no: int, raw: bytes, why: Rejected) -> None:
        self.quarantined += 1
        detail = why.detail.replace("\0", "").translate(ESCAPES)
        line = f"{self._where}\t{line_no}\t{why.stage}\t{why.code}\t{detail}\t\\\\x"
        self._held_back.write(line.encode(errors="replace"))
        self._held_back.write(raw.hex().encode())
        self._held_back.write(b"\n")
