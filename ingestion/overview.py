"""What an operator asks for: the state of the days, and the lines held back."""

import datetime
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from ingestion.statements import statement


@dataclass(frozen=True)
class DayStatus:
    """A published load day. `status` is built, building or waiting, as `ops.day_status` defines them."""

    load_date: datetime.date
    version: int
    status: str
    lines_read: int
    loaded: int
    duplicates: int
    quarantined: int
    skipped: int


@dataclass(frozen=True)
class Reason:
    """Why lines of a source are held back, and how many, in how many files, on which days."""

    source: str
    error_code: str
    lines: int
    files: int
    first_day: datetime.date
    last_day: datetime.date
    examples: list["HeldBack"]


@dataclass(frozen=True)
class HeldBack:
    """A quarantined line; `beginning` is that of its raw bytes."""

    path: str
    line_no: int
    stage: str
    error_code: str
    error_detail: str
    beginning: str


@dataclass(frozen=True)
class HeldBackDay:
    """A load day of which lines of a source are held back: how many, and how many of the source's are loaded."""

    load_date: datetime.date
    held_back: int
    loaded: int


def status(
    connection: Connection, first: datetime.date | None = None, last: datetime.date | None = None
) -> list[DayStatus]:
    """The published days of a range, in order."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("status"), {"first": first, "last": last})
        return [DayStatus(*row) for row in cursor.fetchall()]


def quarantine(
    connection: Connection,
    first: datetime.date | None = None,
    last: datetime.date | None = None,
    *,
    source: str | None = None,
    code: str | None = None,
    examples: int = 2,
) -> list[Reason]:
    """Why lines are held back, most lines first, each reason with `examples` of its lines.

    The lines are those of each day's published attempt, or of its newest where that was not published.
    """
    values = {"first": first, "last": last, "source": source, "error_code": code, "examples": examples}
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("quarantine_reasons"), values)
        reasons = [Reason(*row, examples=[]) for row in cursor.fetchall()]
        cursor.execute(statement("quarantine_lines"), values)
        told = {(reason.source, reason.error_code): reason for reason in reasons}
        for source, *line, raw in cursor.fetchall():
            held_back = HeldBack(*line, bytes(raw).decode(errors="backslashreplace"))
            told[source, held_back.error_code].examples.append(held_back)
    return reasons


def held_back_days(
    connection: Connection, source: str, first: datetime.date | None = None, last: datetime.date | None = None
) -> list[HeldBackDay]:
    """The days of a range of which lines of a source are held back, in order, also those that were rejected for it."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("held_back_days"), {"source": source, "first": first, "last": last})
        return [HeldBackDay(*row) for row in cursor.fetchall()]
