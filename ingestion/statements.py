"""The SQL of a package: files in its `sql/`, in which `{{ names }}` stand for identifiers, fragments and values."""

import re
from functools import cache
from pathlib import Path

from psycopg2 import sql

FOLDER = Path(__file__).resolve().parent / "sql"
_NAME = re.compile(r"\{\{ (\w+) \}\}")


def statement(name: str, *, folder: Path = FOLDER, **parts: str | sql.Composable) -> sql.Composed:
    """The statement in `<folder>/<name>.sql`; of this package where no other folder is given.

    A text among `parts` becomes a quoted identifier. Names that are not among them are values, which the caller hands
    to `execute` in a dictionary; a percent sign then stands there twice.
    """
    composed = []
    for number, piece in enumerate(_pieces(folder / f"{name}.sql")):
        if number % 2 == 0:
            composed.append(sql.SQL(piece))
            continue
        part = parts.get(piece, sql.Placeholder(piece))
        composed.append(sql.Identifier(part) if isinstance(part, str) else part)
    return sql.Composed(composed)


@cache
def _pieces(file: Path) -> list[str]:
    """Text and names in turn."""
    return _NAME.split(file.read_text())
