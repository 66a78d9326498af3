"""Compares the landing area with what is published: landed and never loaded, changed since, loaded and gone."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection
from upath import UPath

from ingestion.contracts import Contract
from ingestion.errors import LoadError
from ingestion.landing import find_files, landed_days
from ingestion.reading import digest
from ingestion.statements import statement

NEVER, CHANGED, TOUCHED, GONE, REFUSED = "never loaded", "changed", "touched", "gone", "refused"


@dataclass(frozen=True)
class Difference:
    """One file, or a whole day, that is not in the landing area as it is in the warehouse.

    `verdict`: never loaded; changed since it was loaded; touched (written later, with the same size); gone; refused,
    which is a day that the load would not read.
    """

    load_date: datetime.date
    verdict: str
    path: str
    detail: str


@dataclass(frozen=True)
class _Loaded:
    size: int
    sha256: str
    started_at: datetime.datetime


def scan(
    connection: Connection,
    landing: UPath,
    contracts: list[Contract],
    first: datetime.date | None = None,
    last: datetime.date | None = None,
    *,
    by_content: bool = False,
) -> Iterator[Difference]:
    """The differences of the days from `first` to `last`, in their order; None: no bound.

    Args:
        by_content: read every file and compare its bytes; else sizes and times of writing are compared.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("loaded_files"), {"first": first, "last": last})
        loaded: dict[datetime.date, dict[str, _Loaded]] = {}
        for load_date, path, *facts in cursor.fetchall():
            loaded.setdefault(load_date, {})[path] = _Loaded(*facts)
        cursor.execute(statement("newest_attempts"), {"first": first, "last": last})
        attempts = dict(cursor.fetchall())
    landed = [day for day in landed_days(landing, contracts) if (first or day) <= day <= (last or day)]
    for load_date in sorted({*landed, *loaded}):
        yield from _of_day(landing, load_date, contracts, loaded.get(load_date, {}), attempts, by_content=by_content)


def _of_day(
    landing: UPath,
    load_date: datetime.date,
    contracts: list[Contract],
    loaded: dict[str, _Loaded],
    attempts: dict[datetime.date, str],
    *,
    by_content: bool,
) -> Iterator[Difference]:
    try:
        found = find_files(landing, load_date, contracts)
    except LoadError as error:
        yield Difference(load_date, REFUSED, str(landing), str(error))
        return
    files = {file.name: file.path for some in found.values() for file in some}
    status = attempts.get(load_date)
    for name, path in files.items():
        known = loaded.get(name)
        if known is None:
            detail = f"the last attempt of its day was {status}" if status in ("failed", "rejected") else "landed"
            yield Difference(load_date, NEVER, name, detail)
        elif change := _change(path, known, by_content=by_content):
            yield Difference(load_date, change[0], name, change[1])
    for name in loaded.keys() - files.keys():
        yield Difference(load_date, GONE, name, f"loaded at {loaded[name].started_at:%Y-%m-%d %H:%M} UTC")


def _change(path: UPath, known: _Loaded, *, by_content: bool) -> tuple[str, str] | None:
    status = path.stat()
    if status.st_size != known.size:
        return CHANGED, f"{known.size:,} bytes were loaded, {status.st_size:,} are there"
    if by_content:
        return None if digest(path) == known.sha256 else (CHANGED, "other bytes of the same size")
    written = datetime.datetime.fromtimestamp(status.st_mtime, datetime.UTC)
    if written > known.started_at:
        return TOUCHED, f"written at {written:%Y-%m-%d %H:%M} UTC, with the same size; HASH=1 compares the bytes"
    return None
