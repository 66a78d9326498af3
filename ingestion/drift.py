"""Which fields the records of a day have, and of which type their values are: what `ops.field_day` keeps.

Only some records are looked at, so that it costs next to nothing. What is new, vanished or of another type than the day
before follows from that in the view `ops.field_drift`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingestion.contracts import FileContract
from ingestion.errors import Rejected
from ingestion.json_text import json_type
from ingestion.origins import fields

FIRST = 100  # records of a file that are all looked at
EACH = 1000  # then one of so many
MOST_FIELDS = 1000  # of a kind of file that are told apart

_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d*[.,]?\d+", re.ASCII)


@dataclass(frozen=True)
class FieldDay:
    """A field of the records of one kind of file on one day.

    `seen`: in how many of the `looked_at` records it had a value; `type`: of most of these values, None without any.
    """

    field: str
    is_mapped: bool
    looked_at: int
    seen: int
    type: str | None


class FieldsSeen:
    """The fields of the records of one kind of file, from a look at some of them."""

    def __init__(self, contract: FileContract) -> None:
        kinds = (contract, *contract.derived)
        self._mapped = {name for kind in kinds for origin in kind.columns.values() for name in fields(origin)}
        self._mapped |= contract.ignore
        self._type = _written_type if contract.format in ("csv", "tsv") else json_type
        self._pieces = 0  # of the present file
        self._looked_at = 0
        self._types: dict[str, Counter[str]] = {}

    def begin_file(self) -> None:
        self._pieces = 0

    def look(self, pieces: Sequence[Any], record_of: Callable[[Any], dict[str, Any] | None]) -> None:
        """Look at the next pieces of the file: at the first ones all, and then at one of many."""
        early = max(min(FIRST - self._pieces, len(pieces)), 0)
        next_one = early + -(self._pieces + early) % EACH
        self._pieces += len(pieces)
        for number in (*range(early), *range(next_one, len(pieces), EACH)):
            try:
                record = record_of(pieces[number])
            except Rejected:
                continue
            if record is not None:
                self._looked_at += 1
                self.note(record)
                for name, value in record.items():
                    if value is not None and value != "" and name in self._types:
                        self._types[name][self._type(value)] += 1

    def note(self, record: dict[str, Any]) -> None:
        """Remember that there are such fields, without counting them."""
        for name in record.keys() - self._types.keys():
            if len(self._types) < MOST_FIELDS and "\0" not in name:
                self._types[name] = Counter()

    def of_day(self) -> Iterator[FieldDay]:
        for name, types in sorted(self._types.items()):
            most = min(types, key=lambda each: (-types[each], each), default=None)
            yield FieldDay(name, name in self._mapped, self._looked_at, types.total(), most)


def _written_type(text: str) -> str:
    """What a text could be where all values are texts."""
    return "a whole number" if _WHOLE.fullmatch(text) else "a number" if _NUMBER.fullmatch(text) else "a text"
