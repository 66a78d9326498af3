"""The vocabulary of `vocabulary.yml`: event types and what they mean, platforms, and the columns of the raw tables."""

from pathlib import Path
from typing import Literal

import msgspec

PATH = Path(__file__).resolve().parent / "vocabulary.yml"
CUSTOM = "custom"  # the type of an event whose name no contract maps

Kind = Literal[
    "id",
    "text",
    "timestamp",
    "number",
    "integer",
    "operation",
    "properties",
    "event_type",
    "event_name",
    "activity",
    "actor",
    "session",
    "extract",
]


class EventType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a canonical event type means; `vocabulary.yml` says what its keys are."""

    meaning: str
    activity: bool = True
    learning: bool = False
    community: bool = False
    needs: tuple[str, ...] = ()


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A canonical column of a raw table."""

    kind: Kind
    meaning: str


class RawTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A raw table that a contract can fill."""

    meaning: str
    moment: str
    key: tuple[str, ...]
    required: tuple[str, ...]
    columns: dict[str, Column]


class Vocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it; `platforms` and `device_types` are word to meaning."""

    event_types: dict[str, EventType]
    platforms: dict[str, str]
    device_types: dict[str, str]
    targets: dict[str, RawTable]


def read_vocabulary(path: Path = PATH) -> Vocabulary:
    """Read and check the file. Raises `ValueError` for a word that the file uses and does not explain."""
    try:
        vocabulary = msgspec.yaml.decode(path.read_bytes(), type=Vocabulary)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}.\nRemedy: the head of the file says which keys there are.") from error
    columns = vocabulary.targets["user_events"].columns
    for name, event_type in vocabulary.event_types.items():
        if unknown := sorted(set(event_type.needs) - set(columns)):
            raise ValueError(
                f"{path}: event_types.{name} needs {', '.join(unknown)}, no column of user_events.\n"
                "Remedy: use a column of targets.user_events."
            )
    for name, table in vocabulary.targets.items():
        if unknown := sorted({table.moment, *table.key, *table.required} - set(table.columns)):
            raise ValueError(
                f"{path}: targets.{name} names {', '.join(unknown)}, none of its columns.\n"
                "Remedy: add the column, or name another."
            )
    return vocabulary


VOCABULARY = read_vocabulary()
EVENT_TYPES = VOCABULARY.event_types
