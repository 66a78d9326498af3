"""One landed file as rows of COPY text; the lines that cannot become rows go to the quarantine."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from ingestion.errors import Rejected
from ingestion.fast_events import Doubt, FastEvents
from ingestion.formats import FORMATS
from ingestion.landing import DayFile
from ingestion.mapping import ESCAPES, Mapper
from ingestion.reading import LandedFile


class FileRows:
    """The rows of one file, in chunks of COPY text.

    What the quarantine gets is written to `held_back`, as COPY text, too.

    A line of nothing but blanks is no line, as in every NDJSON and CSV reader; it keeps its number all the same.
    """

    def __init__(self, file: DayFile, load_date: datetime.date, load_id: int, held_back: BinaryIO) -> None:
        self.file = file
        self.landed = LandedFile(file.path, file.contract.dialect.encoding)
        self.format = FORMATS[file.contract.format](file.contract)
        self.mapper = Mapper(file.contract, load_date, file.file_no)
        self.fast = FastEvents(file.contract, load_date, file.file_no) if FastEvents.covers(file.contract) else None
        self.lines_read = 0
        self.quarantined = 0
        self._held_back = held_back
        self._where = "\t".join([str(load_id), str(load_date), file.contract.source, file.name.translate(ESCAPES)])

    def chunks(self) -> Iterator[bytes]:
        for numbers, pieces in self.format.batches(self.landed):
            self.lines_read += len(pieces)
            rows = self._fast_rows(numbers, pieces) if self.fast else map(self._row, numbers, pieces)
            yield "".join(rows).encode()
        if tear := self.landed.tear:
            self.lines_read += 1
            self._hold_back(tear.line_no, tear.raw, Rejected("read", "truncated_file", tear.detail))

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
            found = self.format.record(piece)
            if found is None:
                self.lines_read -= 1
                return ""
            return self.mapper.row(number, found[0], is_plain=found[1])
        except Rejected as why:
            self._hold_back(number, self.format.raw(piece), why)
            return ""

    def _hold_back(self, line_no: int, raw: bytes, why: Rejected) -> None:
        self.quarantined += 1
        detail = why.detail.replace("\0", "").translate(ESCAPES)
        line = f"{self._where}\t{line_no}\t{why.stage}\t{why.code}\t{detail}\t\\\\x"
        self._held_back.write(line.encode(errors="replace"))
        self._held_back.write(raw.hex().encode())
        self._held_back.write(b"\n")
