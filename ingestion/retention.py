"""What the warehouse forgets after a while: the history of builds and alerts, and, if asked for, held-back lines.

What was published in `raw` is never deleted: every table can be computed anew from it, and only from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from ingestion.statements import statement
from ingestion.warehouse import ConfigurationError

NEVER = "never"
HISTORY = ("model_run", "table_size", "alert")


@dataclass(frozen=True)
class Retention:
    """After how many days something is deleted; None: never."""

    history: int | None
    quarantine: int | None
    logs: int | None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Retention":
        """Read `KEEP_HISTORY_DAYS`, `KEEP_QUARANTINE_DAYS` and `KEEP_LOGS_DAYS`. Raises `ConfigurationError`."""
        return cls(
            history=_days(environ, "KEEP_HISTORY_DAYS"),
            quarantine=_days(environ, "KEEP_QUARANTINE_DAYS"),
            logs=_days(environ, "KEEP_LOGS_DAYS"),
        )


def retire(connection: Connection, retention: Retention) -> dict[str, int]:
    """Delete what is older, and commit; how many rows of each table of `ops`."""
    ages = {**dict.fromkeys(HISTORY, retention.history), "quarantine": retention.quarantine}
    deleted = {}
    with connection, connection.cursor() as cursor:
        for table, days in ages.items():
            if days is not None:
                cursor.execute(statement(f"retire_{table}"), {"days": days})
                deleted[table] = cursor.rowcount
    return deleted


def _days(environ: Mapping[str, str], name: str) -> int | None:
    text = environ.get(name) or NEVER
    if text == NEVER:
        return None
    if not text.isdigit() or int(text) < 7:
        raise ConfigurationError(
            f"{name}={text} is not a number of days.\nRemedy: write a whole number from 7 on, or {NEVER}."
        )
    return int(text)
