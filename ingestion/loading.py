"""Loads one day into staging tables: nothing is published here, and nothing is lost.

For every file: lines read = loaded + duplicates + quarantined.
"""

import csv
import datetime
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_batch
from upath import UPath

from ingestion.contracts import Contract, FileContract, load_contracts
from ingestion.errors import LoadError
from ingestion.landing import DayFile, LandedDay, find_day
from ingestion.mapping import ESCAPES, Doubt, FastEvents, Mapper, Rejected, check_bytes
from ingestion.reading import LandedFile, csv_fields, csv_records, digest
from ingestion.statements import statement
from ingestion.targets import CHANGES, TARGETS

LOAD_LOCKS = 0x656C_7401  # with a day: held while that day is staged, published or rejected
NOT_PLAIN = (b"\\", b"\t", b"\r", b"\n")
KEPT_IN_MEMORY = 8 * 1024**2  # bytes of quarantined lines before they go to a temporary file


@dataclass(frozen=True)
class FileLoad:
    """What became of one file's lines; `name` is its path below the landing area."""

    name: str
    file_no: int
    source: str
    target: str
    sha256: str
    bytes_read: int
    lines_read: int
    loaded: int
    duplicates: int
    quarantined: int


@dataclass(frozen=True)
class DayLoad:
    """What became of one day. `unchanged`: what is published came from the same bytes, and nothing was staged."""

    load_id: int
    load_date: datetime.date
    unchanged: bool
    files: tuple[FileLoad, ...]

    def __str__(self) -> str:
        if self.unchanged:
            return f"{self.load_date}: unchanged since it was published"
        return (
            f"{self.load_date}: {self.lines_read:,} lines read = {self.loaded:,} loaded "
            f"+ {self.duplicates:,} duplicates + {self.quarantined:,} quarantined"
        )

    @property
    def lines_read(self) -> int:
        return sum(file.lines_read for file in self.files)

    @property
    def loaded(self) -> int:
        return sum(file.loaded for file in self.files)

    @property
    def duplicates(self) -> int:
        return sum(file.duplicates for file in self.files)

    @property
    def quarantined(self) -> int:
        return sum(file.quarantined for file in self.files)

    @property
    def bytes_read(self) -> int:
        return sum(file.bytes_read for file in self.files)


def staging_table(target: str, load_date: datetime.date | None = None) -> str:
    """The name of a raw table's staging table, in the schema raw.

    Events have one for each `load_date`, which becomes a partition; changes, which are few, have one for all days.
    """
    return f"user_events__{load_date:%Y%m%d}" if target == "user_events" else f"{target}__staged"


def load_day(
    connection: Connection,
    landing: UPath,
    load_date: datetime.date,
    *,
    contracts: list[Contract] | None = None,
    run_id: str | None = None,
    force: bool = False,
) -> DayLoad:
    """Load what landed for a day into staging tables, and commit.

    What was staged for the day before is replaced; what is published stays. Where the files and their contracts are
    those of what is published, byte for byte, nothing is done, unless `force` is set.

    Raises `LoadError` for a day that cannot be loaded as it lies there.
    """
    contracts = load_contracts() if contracts is None else contracts
    landing = UPath(landing)
    day = find_day(landing, load_date, contracts)
    with day_lock(connection, load_date), connection.cursor() as cursor:
        published = None if force else _published_from(cursor, day)
        cursor.execute(statement("supersede_attempts"), {"load_date": load_date})
        forget_staged(cursor, load_date)
        if published is not None:
            cursor.execute(statement("forget_quarantine"), {"load_date": load_date})
            connection.commit()
            return published
        cursor.execute(
            statement("begin_load"),
            {
                "load_date": load_date,
                "run_id": run_id,
                "landing": str(landing),
                "contracts_sha256": day.contracts_sha256,
                "empty_sources": list(day.empty_sources),
                "due_sources": list(day.due_sources),
            },
        )
        (load_id,) = cursor.fetchone()
        connection.commit()
        try:
            loaded = DayLoad(load_id, load_date, unchanged=False, files=_stage(cursor, day, load_id))
            cursor.execute(
                statement("staged"),
                {
                    "load_id": load_id,
                    "lines_read": loaded.lines_read,
                    "loaded": loaded.loaded,
                    "duplicates": loaded.duplicates,
                    "quarantined": loaded.quarantined,
                    "bytes_read": loaded.bytes_read,
                },
            )
            connection.commit()
        except BaseException:
            if not connection.closed:
                connection.rollback()
                cursor.execute(statement("fail_load"), {"load_id": load_id})
                connection.commit()
            raise
        return loaded


@contextmanager
def day_lock(connection: Connection, *load_dates: datetime.date) -> Iterator[None]:
    """Nobody else stages, publishes or rejects these days meanwhile; a connection that dies lets go of them.

    An open transaction of the connection is rolled back when the block raises.
    """
    if connection.autocommit:
        raise ValueError("the connection is in autocommit mode; a day is staged and published in transactions")
    # In order, so that two who want several days do not wait for each other.
    keys = {"space": LOAD_LOCKS, "days": sorted(int(f"{load_date:%Y%m%d}") for load_date in load_dates)}
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%(space)s, day) from unnest(%(days)s) as day", keys)
        connection.commit()
        try:
            yield
        finally:
            if not connection.closed:
                connection.rollback()
                cursor.execute("select pg_advisory_unlock(%(space)s, day) from unnest(%(days)s) as day", keys)
                connection.commit()


def forget_staged(cursor: Cursor, load_date: datetime.date) -> None:
    """Remove what an earlier attempt staged for the day."""
    events = sql.Identifier("raw", staging_table("user_events", load_date))
    changes = [statement("forget_staged", staging=staging_table(target.name)) for target in CHANGES]
    drop = sql.SQL("drop table if exists {}").format(events)
    cursor.execute(sql.SQL(";\n").join([drop, *changes]), {"load_date": load_date})


def _published_from(cursor: Cursor, day: LandedDay) -> DayLoad | None:
    """The published load of the day, if it was made from the same files by the same contracts."""
    cursor.execute(statement("published_files"), {"load_date": day.load_date})
    rows = cursor.fetchall()
    if not rows:
        return None
    load_id, contracts_sha256, empty_sources = rows[0][:3]
    files = tuple(FileLoad(*row[3:]) for row in rows if row[3] is not None)
    if (contracts_sha256, tuple(empty_sources)) != (day.contracts_sha256, day.empty_sources):
        return None
    sizes = [(file.name, file.path.stat().st_size) for file in day.files]
    if sizes != [(file.name, file.bytes_read) for file in files]:
        return None
    if any(digest(file.path) != known.sha256 for file, known in zip(day.files, files, strict=True)):
        return None
    return DayLoad(load_id, day.load_date, unchanged=True, files=files)


def _stage(cursor: Cursor, day: LandedDay, load_id: int) -> tuple[FileLoad, ...]:
    """Stage the day, in one transaction: COPY into a table made in it skips the write-ahead log."""
    events = staging_table("user_events", day.load_date)
    # Also of a day without events, which takes the place of one that had some.
    cursor.execute(
        statement(
            "stage_events", staging=events, constraint=f"{events}_load_date", load_date=sql.Literal(day.load_date)
        )
    )
    cursor.execute(statement("forget_quarantine"), {"load_date": day.load_date})
    with tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY) as held_back:
        files = [_copy_file(cursor, file, day.load_date, load_id, held_back) for file in day.files]
        if any(file.quarantined for file in files):
            held_back.seek(0)
            cursor.copy_expert(statement("copy_quarantine"), held_back)
    duplicates = _remove_duplicates(cursor, day, {file.target for file in files if file.loaded})
    files = [
        replace(file, loaded=file.loaded - duplicates.get(file.file_no, 0), duplicates=duplicates.get(file.file_no, 0))
        for file in files
    ]
    identity = {"load_id": load_id, "load_date": day.load_date}
    execute_batch(cursor, statement("file_load"), [{**identity, **vars(file)} for file in files])
    cursor.execute(statement("analyze_events", staging=events))
    return tuple(files)


def _copy_file(
    cursor: Cursor, file: DayFile, load_date: datetime.date, load_id: int, held_back: tempfile.SpooledTemporaryFile
) -> FileLoad:
    """COPY one file's rows; its quarantined lines are written to `held_back`, for a COPY of their own."""
    target = file.contract.target
    rows = FileRows(file, load_date, load_id, held_back)
    chunks = (chunk for chunk in rows.chunks() if chunk)
    if first := next(chunks, None):
        _copy(cursor, file, load_date, itertools.chain([first], chunks))
    return FileLoad(
        name=file.name,
        file_no=file.file_no,
        source=file.contract.source,
        target=target.name,
        sha256=rows.landed.sha256,
        bytes_read=rows.landed.bytes_read,
        lines_read=rows.lines_read,
        loaded=rows.lines_read - rows.quarantined,
        duplicates=0,
        quarantined=rows.quarantined,
    )


def _copy(cursor: Cursor, file: DayFile, load_date: datetime.date, chunks: Iterator[bytes]) -> None:
    target = file.contract.target
    columns = sql.SQL(", ").join(map(sql.Identifier, target.copy_columns))
    table = staging_table(target.name, load_date)
    is_new = sql.Literal(target not in CHANGES)
    stream = _Stream(chunks)
    try:
        cursor.copy_expert(statement("copy_rows", staging=table, columns=columns, is_new=is_new), stream)
    except psycopg2.Error as error:
        if stream.error is not None:  # what went wrong here, instead of what the server heard of it
            raise stream.error from None
        if isinstance(error, psycopg2.DataError | psycopg2.IntegrityError):
            raise LoadError(
                f"{file.path}: PostgreSQL refuses a row that the mapping let through: {error}"
                f"Remedy: ingestion/mapping.py must hold such a line back; CONTEXT above shows its row."
            ) from error
        raise


class FileRows:
    """The rows of one file, in chunks of COPY text.

    A line of nothing but blanks is no line, as in every NDJSON and CSV reader; it keeps its number all the same.
    """

    def __init__(self, file: DayFile, load_date: datetime.date, load_id: int, held_back) -> None:
        self.file = file
        self.landed = LandedFile(file.path)
        self.mapper = Mapper(file.contract, load_date, file.file_no)
        self.fast = FastEvents(file.contract, load_date, file.file_no) if FastEvents.covers(file.contract) else None
        self.lines_read = 0
        self.quarantined = 0
        self._held_back = held_back
        self._where = "\t".join([str(load_id), str(load_date), file.contract.source, file.name.translate(ESCAPES)])

    def chunks(self) -> Iterator[bytes]:
        yield from self._ndjson_chunks() if self.file.contract.format == "ndjson" else self._csv_chunks()
        if tear := self.landed.tear:
            self.lines_read += 1
            self._hold_back(tear.line_no, tear.raw, Rejected("read", "truncated_file", tear.detail))

    def _ndjson_chunks(self) -> Iterator[bytes]:
        careful = self.mapper.ndjson
        for first, lines in self.landed.batches():
            fast = self.fast.batch(lines) if self.fast else _always_in_doubt
            rows = []
            for line_no, line in enumerate(lines, first):
                try:
                    rows.append(fast(line_no, line))
                except Doubt:
                    if line.isspace() or not line:
                        continue
                    try:
                        rows.append(careful(line_no, line))
                    except Rejected as why:
                        self._hold_back(line_no, line.removesuffix(b"\r"), why)
                        rows.append("")
            self.lines_read += len(rows)
            yield "".join(rows).encode()

    def _csv_chunks(self) -> Iterator[bytes]:
        contract = self.file.contract
        header: list[str] = []
        unusable: Rejected | None = None
        rows: list[str] = []
        for line_no, raw in csv_records(self.landed.batches()):
            raw = raw.removesuffix(b"\r")
            if not raw or raw.isspace():
                continue
            if not header:
                header = _header(raw, contract.delimiter)
                unusable = _unusable(header, contract)
                if unusable is None:
                    continue  # the header is no line of data; a wrong one may be, and is held back with the rest
            self.lines_read += 1
            try:
                if unusable is not None:
                    raise unusable
                record = _record(raw, header, contract.delimiter)
                rows.append(self.mapper.row(line_no, record, is_plain=not any(mark in raw for mark in NOT_PLAIN)))
            except Rejected as why:
                self._hold_back(line_no, raw, why)
            if len(rows) == 1000:
                yield "".join(rows).encode()
                rows.clear()
        yield "".join(rows).encode()

    def _hold_back(self, line_no: int, raw: bytes, why: Rejected) -> None:
        self.quarantined += 1
        detail = why.detail.replace("\0", "").translate(ESCAPES)
        line = f"{self._where}\t{line_no}\t{why.stage}\t{why.code}\t{detail}\t\\\\x"
        self._held_back.write(line.encode(errors="replace"))
        self._held_back.write(raw.hex().encode())
        self._held_back.write(b"\n")


class _Stream:
    """What COPY reads from: each call gives one chunk, whatever the size asked for, so that nothing is cut up."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return next(self._chunks, b"")
        except BaseException as error:
            self.error = error
            raise


def _always_in_doubt(line_no: int, line: bytes) -> str:
    raise Doubt


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


def _record(raw: bytes, header: list[str], delimiter: str) -> dict[str, str]:
    check_bytes(raw)
    try:
        fields = csv_fields(raw.decode(), delimiter)
    except csv.Error as error:
        raise Rejected("parse", "malformed_csv", str(error)) from error
    if len(fields) != len(header):
        raise Rejected("parse", "column_count", f"{len(fields)} fields, the header has {len(header)}")
    return dict(zip(header, fields, strict=True))


def _remove_duplicates(cursor: Cursor, day: LandedDay, targets: set[str]) -> dict[int, int]:
    """Keep the first arrival of each key. Gives the number removed by file_no."""
    duplicates: dict[int, int] = {}
    for target in sorted(targets):
        table = staging_table(target, day.load_date)
        key = sql.SQL(", ").join(map(sql.Identifier, TARGETS[target].key))
        # Said of the events, whose table is not analyzed yet, it would make PostgreSQL expect very few rows.
        is_of_the_day = sql.SQL("load_date = %(load_date)s" if TARGETS[target] in CHANGES else "true")
        cursor.execute(
            statement("duplicates", staging=table, key=key, is_of_the_day=is_of_the_day), {"load_date": day.load_date}
        )
        duplicates.update(cursor.fetchall())
    return duplicates
