"""Stages one day: its lock, its attempts, the COPY of its files, and the account of their lines.

Nothing is published here. No line is lost. For every file: lines read = loaded + duplicates + quarantined + skipped.
"""

import datetime
import itertools
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_batch
from upath import UPath

from ingestion.contract_yaml import load_contracts
from ingestion.contracts import Contract
from ingestion.drift import FieldsSeen
from ingestion.duplicates import remove_duplicates, remove_unchanged
from ingestion.errors import LoadError
from ingestion.extracts import extract_moment
from ingestion.landing import DayFile, LandedDay, find_day
from ingestion.reading import digest
from ingestion.rows import FileRows
from ingestion.statements import statement
from ingestion.targets import CHANGES, TARGETS, Target, staging_table

LOAD_LOCKS = 0x656C_7401  # with a day: held while that day is staged, published or rejected
KEPT_IN_MEMORY = 8 * 1024**2  # bytes of quarantined lines before they go to a temporary file


@dataclass(frozen=True)
class DerivedLoad:
    """What became of one file's lines by a kind that is derived from them.

    `lines_read` are those that could be read; they are loaded + duplicates + unchanged + quarantined + skipped.
    """

    kind: str
    target: str
    lines_read: int
    loaded: int
    duplicates: int
    unchanged: int
    quarantined: int
    skipped: int


@dataclass(frozen=True)
class FileLoad:
    """What became of one file's lines; `name` is its path below the landing area, `kind` as its contract calls it.

    Of a full extract also the kind of file and its moment: a file without a line says that nothing is left.
    """

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
    skipped: int = 0
    kind: str | None = None
    extract_of: str | None = None
    extracted_at: datetime.datetime | None = None
    derived: tuple[DerivedLoad, ...] = ()


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
            f"+ {self.duplicates:,} duplicates + {self.quarantined:,} quarantined + {self.skipped:,} skipped"
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
    def skipped(self) -> int:
        return sum(file.skipped for file in self.files)

    @property
    def bytes_read(self) -> int:
        return sum(file.bytes_read for file in self.files)


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

    What was staged for the day before is replaced; what is published stays. Nothing is done, unless `force` is set,
    where what is published came from the same bytes by the same rules (`rules.py`).

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
                    "skipped": loaded.skipped,
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
    """Within the block nobody else stages, publishes or rejects these days. A connection that dies gives up its locks.

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
    """The published load of the day, if it was made from the same files by the same rules."""
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
    # A day without events has a staging table, too: it replaces a published day that had some.
    cursor.execute(
        statement(
            "stage_events", staging=events, constraint=f"{events}_load_date", load_date=sql.Literal(day.load_date)
        )
    )
    cursor.execute(statement("forget_quarantine"), {"load_date": day.load_date})
    with tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY) as held_back:
        fields = {(file.contract.source, file.contract.name): FieldsSeen(file.contract) for file in day.files}
        files = [_copy_file(cursor, file, day.load_date, load_id, held_back, fields) for file in day.files]
        if any(file.quarantined for file in files):
            held_back.seek(0)
            cursor.copy_expert(statement("copy_quarantine"), held_back)
    filled = {each.target for file in files for each in (file, *file.derived) if each.loaded}
    # Nothing is known of rows that are not committed: where autovacuum has looked at a table of changes while another
    # day was on its way into it, the planner takes the table for empty, and would compare each row with each.
    cursor.execute("set local enable_nestloop to off")
    duplicates = remove_duplicates(cursor, day.load_date, filled)
    unchanged: dict[tuple[str, int], int] = {}
    for target in {each.target for file in files for each in file.derived if each.loaded}:
        from_files = [file.file_no for file in files if target in {each.target for each in file.derived}]
        unchanged |= remove_unchanged(cursor, day.load_date, TARGETS[target], from_files)
    files = [_counted(file, duplicates, unchanged) for file in files]
    identity = {"load_id": load_id, "load_date": day.load_date}
    execute_batch(cursor, statement("file_load"), [{**identity, **vars(file)} for file in files])
    derived = [
        {**identity, "source": file.source, "path": file.name, **vars(each)} for file in files for each in file.derived
    ]
    execute_batch(cursor, statement("derived_load"), derived)
    execute_batch(
        cursor,
        statement("field_day"),
        [
            {**identity, "source": source, "kind": kind, **vars(field)}
            for (source, kind), seen in fields.items()
            for field in seen.of_day()
        ],
        page_size=500,
    )
    cursor.execute(statement("analyze_events", staging=events))
    return tuple(files)


def _counted(file: FileLoad, duplicates: dict[tuple[str, int], int], unchanged: dict[tuple[str, int], int]) -> FileLoad:
    """The account of a file after rows of it were removed, which are given by target and number of the file."""
    derived = []
    for each in file.derived:
        twice, same = (removed.get((each.target, file.file_no), 0) for removed in (duplicates, unchanged))
        derived.append(replace(each, loaded=each.loaded - twice - same, duplicates=twice, unchanged=same))
    twice = duplicates.get((file.target, file.file_no), 0)
    return replace(file, loaded=file.loaded - twice, duplicates=twice, derived=tuple(derived))


def _copy_file(
    cursor: Cursor,
    file: DayFile,
    load_date: datetime.date,
    load_id: int,
    held_back: tempfile.SpooledTemporaryFile,
    fields: Mapping[tuple[str, str], FieldsSeen],
) -> FileLoad:
    """COPY one file's rows; its quarantined lines are written to `held_back`, for a COPY of their own.

    `fields` by source and kind learns of the fields of its records.
    """
    target = file.contract.target
    seen = fields[file.contract.source, file.contract.name]
    seen.begin_file()
    rows = FileRows(file, load_date, load_id, held_back, seen)
    chunks = (chunk for chunk in rows.chunks() if chunk)
    if first := next(chunks, None):
        _copy(cursor, file, target, load_date, itertools.chain([first], chunks))
    for each in rows.derived:
        if each.made:
            _copy(cursor, file, each.contract.target, load_date, each.chunks())
        each.rows.close()
    is_extract = file.contract.is_extract
    if is_extract and not rows.landed.bytes_read:
        raise LoadError(
            f"{file.path} is a full extract, and has no byte: that is rather a failed export than an empty table.\n"
            "Remedy: land it again. Of a table without rows a CSV has the header, NDJSON an empty line."
        )
    return FileLoad(
        name=file.name,
        file_no=file.file_no,
        source=file.contract.source,
        target=target.name,
        sha256=rows.landed.sha256,
        bytes_read=rows.landed.bytes_read,
        lines_read=rows.lines_read,
        loaded=rows.lines_read - rows.quarantined - rows.skipped,
        duplicates=0,
        quarantined=rows.quarantined,
        skipped=rows.skipped,
        kind=file.contract.name,
        extract_of=file.contract.name if is_extract else None,
        extracted_at=extract_moment(file.contract, load_date) if is_extract else None,
        derived=tuple(
            DerivedLoad(
                kind=each.contract.name,
                target=each.contract.target.name,
                lines_read=each.lines_read,
                loaded=each.made,
                duplicates=0,
                unchanged=0,
                quarantined=each.quarantined,
                skipped=each.skipped,
            )
            for each in rows.derived
        ),
    )


def _copy(cursor: Cursor, file: DayFile, target: Target, load_date: datetime.date, chunks: Iterator[bytes]) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, target.copy_columns))
    table = staging_table(target.name, load_date)
    is_new = sql.Literal(target not in CHANGES)
    stream = _Stream(chunks)
    try:
        cursor.copy_expert(statement("copy_rows", staging=table, columns=columns, is_new=is_new), stream)
    except psycopg2.Error as error:
        if stream.error is not None:  # our own error says more than the server's, which only saw the stream end
            raise stream.error from None
        if isinstance(error, psycopg2.DataError | psycopg2.IntegrityError):
            raise LoadError(
                f"{file.path}: PostgreSQL refuses a row that the mapping let through: {error}"
                f"Remedy: ingestion/mapping.py must hold such a line back; CONTEXT above shows its row."
            ) from error
        raise


class _Stream:
    """What COPY reads from. Each call gives a whole chunk, whatever size is asked for: cutting it up costs time."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return next(self._chunks, b"")
        except BaseException as error:
            self.error = error
            raise
