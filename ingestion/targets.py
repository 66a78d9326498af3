"""The raw tables that a contract can fill, as `vocabulary.yml` lists them, and what each kind of column holds.

`sql/ddl/02_raw.sql` defines the tables; a test holds the two against each other.
"""

import datetime
from dataclasses import dataclass

from ingestion.vocabulary import VOCABULARY

# Where a row comes from; set by the loader, never by a contract.
ARRIVAL = ("load_date", "file_no", "line_no", "source")

# Kinds of columns
ID = "id"  # text; the contract's namespace is put before it
TEXT = "text"
TIMESTAMP = "timestamp"
NUMBER = "number"  # numeric(precision, scale): see LIMITS
INTEGER = "integer"
OPERATION = "operation"  # upsert or delete
PROPERTIES = "properties"  # a JSON object; takes every field that the contract maps nowhere else
EVENT_TYPE, EVENT_NAME, ACTIVITY = "event_type", "event_name", "activity"  # made of the producer's name of an event
ACTOR = "actor"
SESSION = "session"  # whether the producer's session_id makes the session
EXTRACT = "extract"  # of which full extract a row is
LOADERS = (ACTOR, EVENT_NAME, ACTIVITY, SESSION, EXTRACT)  # the loader fills these; a contract cannot

# The absolute value from which a number does not fit its column any more, rounding included.
LIMITS = {
    "duration_seconds": 999_999_999.999,
    "amount": 999_999_999_999.99,
    "price": 999_999_999_999.99,
    "rate": 9_999_999_999.999_999_9,
    "word_count": 2**31 - 1,
    "quantity": 2**31 - 1,
}

LONGEST_ID = 400  # bytes; a few ids must fit one entry of an index together


@dataclass(frozen=True)
class Target:
    """One raw table.

    Attributes:
        columns: canonical column to kind, in the order in which COPY sends them (after ARRIVAL).
        required: the columns without which a row means nothing; here a contract must say where they come from.
        moment: the timestamp that must lie between the contract's `earliest` and the day after the load day.
        key: with `source`, what makes two rows the same thing said twice.
    """

    name: str
    columns: dict[str, str]
    required: tuple[str, ...]
    moment: str
    key: tuple[str, ...]

    @property
    def copy_columns(self) -> tuple[str, ...]:
        """All columns of the table, in the order in which COPY sends them."""
        return (*ARRIVAL, *self.columns)


TARGETS = {
    name: Target(
        name=name,
        columns={column: each.kind for column, each in table.columns.items()},
        required=table.required,
        moment=table.moment,
        key=table.key,
    )
    for name, table in VOCABULARY.targets.items()
}

# The targets that hold the changes of things; the other one holds events.
CHANGES = tuple(target for target in TARGETS.values() if target.name != "user_events")


def staging_table(target: str, load_date: datetime.date | None = None) -> str:
    """The name of a raw table's staging table, in the schema raw.

    Events have one for each `load_date`, which becomes a partition; changes, which are few, have one for all days.
    """
    return f"user_events__{load_date:%Y%m%d}" if target == "user_events" else f"{target}__staged"
