"""Second computations of the marts, from what was landed; `tests/marts/test_outside.py` compares."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Check = TypeVar("Check", bound=Callable[..., Iterable[tuple]])


def equals(query: str) -> Callable[[Check], Check]:
    """Mark a function of `Landed`: its rows are those of this query."""

    def mark(function: Check) -> Check:
        function.query = query
        return function

    return mark
