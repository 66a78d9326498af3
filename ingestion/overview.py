"""What an operator asks for: the state of the days, the lines held back, and how a file would be read."""

import datetime
from collections import Counter
from dataclasses import dataclass
from io import BytesIO

from psycopg2.extensions import connection as Connection
from upath import UPath

from ingestion.contracts import Contract
from ingestion.errors import LoadError
from ingestion.landing import DayFile, contract_of
from ingestion.rows import FileRows
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
class Explanation:
    """How a file would be read: its lines counted by error code, and the first rows and refusals."""

    contract: str
    target: str
    lines_read: int
    loaded: int
    refused: Counter[str]
    rows: list[dict[str, str]]
    refusals: list[str]


def status(
    connection: Connection, first: datetime.date | None = None, last: datetime.date | None = None
) -> list[DayStatus]:
    """The published days of a range, in order."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("status"), {"first": first, "last": last})
        return [DayStatus(*row) for row in cursor.fetchall()]


def quarantine(
    connection: Connection, load_date: datetime.date, *, code: str | None = None, limit: int = 20
) -> tuple[dict[str, int], list[HeldBack]]:
    """How many lines of a day are held back, by error code, and the first of them."""
    values = {"load_date": load_date, "error_code": code, "limit": limit}
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("quarantine_codes"), values)
        codes = dict(cursor.fetchall())
        cursor.execute(statement("quarantine_lines"), values)
        return codes, [
            HeldBack(*row[:-1], bytes(row[-1]).decode(errors="backslashreplace")) for row in cursor.fetchall()
        ]


def explain(path: UPath, load_date: datetime.date, contract: Contract, *, examples: int = 3) -> Explanation:
    """Read a file as if it had landed, without a warehouse. Raises `LoadError` like the load itself."""
    if not path.is_file():
        raise LoadError(f"{path} is not there.\nRemedy: name a file.")
    file = DayFile(path, path.name, 1, contract_of(path.name, contract, path.parent))
    held_back = BytesIO()
    reader = FileRows(file, load_date, 0, held_back)
    columns = file.contract.target.copy_columns
    rows: list[dict[str, str]] = []
    for chunk in reader.chunks():
        for line in chunk.decode().splitlines()[: examples - len(rows)]:
            cells = zip(columns, line.split("\t"), strict=True)
            rows.append({column: cell for column, cell in cells if cell != r"\N"})
    refused: Counter[str] = Counter()
    refusals = []
    for line in held_back.getvalue().decode().splitlines():
        line_no, stage, code, detail = line.split("\t")[4:8]
        refused[code] += 1
        if refused[code] == 1:
            refusals.append(f"line {line_no}: {code} ({stage}): {detail}")
    return Explanation(
        contract=file.contract.name,
        target=file.contract.target.name,
        lines_read=reader.lines_read,
        loaded=reader.lines_read - reader.quarantined,
        refused=refused,
        rows=rows,
        refusals=refusals,
    )
