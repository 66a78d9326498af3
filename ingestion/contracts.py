"""What a source contract says: the model that the rest of the package reads.

A contract says what one source lands, and how that becomes canonical rows. `contract_yaml.py` reads it from its file.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingestion.conditions import Condition
from ingestion.origins import AnyOrigin
from ingestion.targets import Target

HELD_BACK_AT_MOST = 0.5  # where a contract says nothing else


@dataclass(frozen=True)
class Rule:
    """What must hold for one canonical column, for all rows or for the event types in `when`."""

    column: str
    required: bool
    positive: bool
    one_of: frozenset[str] | None
    when: frozenset[str] | None


@dataclass(frozen=True)
class Dialect:
    """How texts and numbers are written in a file.

    Attributes:
        quote: what surrounds a field that holds a delimiter or a line's end; None: nothing does.
        escape: what stands before a quote that is part of a field; None: the quote is doubled.
        encoding: Python's name of it.
        fields: the names of the columns, in their order, where the file has no header.
        decimal_comma: numbers are written as 1,5.
        thousands: what separates the thousands of a number; None: nothing does.
        records: the keys that lead to the array of records in a JSON document; none: the document is one record.
    """

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    encoding: str = "utf-8"
    fields: tuple[str, ...] = ()
    decimal_comma: bool = False
    thousands: str | None = None
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lines:
    """How many lines the files of a kind have in a day, together; None: any number more."""

    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True)
class FileContract:
    """How the files of one kind become rows of one raw table.

    Attributes:
        columns: canonical column to where it comes from; a text is the producer's field.
        timestamps, time_zone: how moments are written, and of which zone those are that name none; None: UTC.
        event_types: producer's name of an event to canonical type.
        passive_types: the canonical types that are no activity.
        custom_events: patterns of the names without a type that become custom events; the others are quarantined.
        no_activity: patterns of the names of events that are no activity, whatever their type.
        producer_sessions: whether the producer's `session_id` makes the sessions.
        skip: lines of which one of these conditions holds are left out, and counted.
        deleted_when: a record of which it holds is a deletion, and any other is none.
        derived_from: the kind of file whose lines this one reads, too; it has no files of its own.
        derived: those that read the lines of this one.
        is_extract: the files of a day are all that there is of their things at one moment (`extracts.py`).
        day: a pattern whose one group finds the load day in a file's name; None: only its folder says it.
        lines: how many lines the files of a day have, together; a day that has fewer or more fails its audit.
    """

    name: str
    source: str
    namespace: str | None
    earliest: datetime.date
    patterns: tuple[str, ...]
    format: str
    target: Target
    columns: Mapping[str, AnyOrigin]
    constants: Mapping[str, str]
    defaults: Mapping[str, str]
    event_types: Mapping[str, str]
    passive_types: frozenset[str]
    custom_events: tuple[str, ...]
    no_activity: tuple[str, ...]
    timestamps: str
    lower: frozenset[str]
    upper: frozenset[str]
    replace: Mapping[str, Mapping[str, str]]
    required: tuple[str, ...]
    rules: tuple[Rule, ...]
    optional: frozenset[str]
    ignore: frozenset[str]
    dialect: Dialect = Dialect()
    producer_sessions: bool = False
    is_extract: bool = False
    time_zone: str | None = None
    skip: tuple[Condition, ...] = ()
    deleted_when: Condition | None = None
    derived_from: str | None = None
    derived: tuple["FileContract", ...] = ()
    lines: Lines = Lines()
    day: str | None = None


@dataclass(frozen=True)
class Contract:
    """What one source promises to land.

    Attributes:
        source: the file's name without `.yml`, and the name of the folder in the landing area.
        cadence: `daily`, where a missing day is an error, or `irregular`.
        begins, ends: the first and the last day that a daily source owes; None: since it landed first, and on and on.
        held_back_at_most: the share of a file's lines, 0 to 1, above which its day fails the audit.
    """

    source: str
    description: str
    namespace: str | None
    cadence: str
    earliest: datetime.date
    files: tuple[FileContract, ...]
    path: Path
    begins: datetime.date | None = None
    ends: datetime.date | None = None
    held_back_at_most: float = HELD_BACK_AT_MOST
