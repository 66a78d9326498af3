"""Conditions upon a record: whether it is left out, whether it is a deletion, and whether an origin holds for it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingestion.origins import AnyOrigin, FileFacts, Record, is_empty, taker


@dataclass(frozen=True)
class Condition:
    """What must hold of one value; one of `one_of`, `matches` and `empty` is set.

    Attributes:
        one_of: it is, as a text, one of these.
        matches: a regular expression finds something in it.
        empty: whether it is null, blank, or an object or array of nothing.
        is_not: the contrary must hold.
    """

    origin: AnyOrigin
    one_of: frozenset[str] | None = None
    matches: str | None = None
    empty: bool | None = None
    is_not: bool = False

    def holds(self, facts: FileFacts) -> Callable[[Record], bool]:
        """A function from a record to whether the condition holds; it may raise `Rejected`."""
        take = taker(self.origin, str(self.origin), facts)
        test = value_test(self)
        if self.is_not:
            return lambda record: not test(take(record))
        return lambda record: test(take(record))


def value_test(condition: Condition) -> Callable[[Any], bool]:
    """What a condition asks of a value, leaving aside whether the contrary is wanted."""
    if condition.empty is not None:
        wanted = condition.empty
        return lambda value: (is_empty(value) or value == [] or value == {}) is wanted
    if condition.matches is not None:
        search = re.compile(condition.matches).search
        return lambda value: (text := as_text(value)) is not None and search(text) is not None
    one_of = condition.one_of
    return lambda value: as_text(value) in one_of


def as_text(value: Any) -> str | None:
    """A text, a number, true or false as a text, so that a contract means the same in JSON and in a CSV."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else None
