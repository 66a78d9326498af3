"""The SQL of this package: files in `sql/`, with `{names}` for identifiers and fragments, `%(names)s` for values."""

from functools import cache
from pathlib import Path

from psycopg2 import sql

FOLDER = Path(__file__).resolve().parent / "sql"


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text()


def statement(name: str, **parts: str | sql.Composable) -> sql.Composed:
    """The statement in `sql/<name>.sql`; a text among `parts` becomes a quoted identifier."""
    composed = {key: sql.Identifier(part) if isinstance(part, str) else part for key, part in parts.items()}
    return sql.SQL(_text(name)).format(**composed)
