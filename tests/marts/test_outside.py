"""Every number that an analyst reads, against a second computation from the landed files.

A module of `tests/marts/outside` has one function for each mart, marked with the query that reads it. The function gets
what was landed and gives the rows that the query must give, in any order. Exactly; rates to 1e-9.
"""

import importlib
import inspect
import pkgutil
from collections import Counter
from decimal import Decimal

import pytest

import tests.marts.outside as outside

CHECKS = {
    f"{module.name}.{name}": function
    for module in pkgutil.iter_modules(outside.__path__)
    for name, function in inspect.getmembers(importlib.import_module(f"{outside.__name__}.{module.name}"))
    if hasattr(function, "query")
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_same_number_twice(world, name: str):
    check = CHECKS[name]
    found, expected = world.query(check.query), [tuple(row) for row in check(world.landed)]
    assert len(expected) > 1, "a second computation of nothing proves nothing"
    only = differences(found, expected)
    assert not only, "\n".join(str(side) for side in only)


def differences(found: list[tuple], expected: list[tuple]) -> list[tuple]:
    """Some rows that only one side has, each with its side."""
    one, other = (Counter(tuple(_comparable(value) for value in row) for row in rows) for rows in (found, expected))
    only = [("mart", row) for row in one - other] + [("outside", row) for row in other - one]
    return sorted(only, key=lambda side: (str(side[1]), side[0]))[:20]


def _comparable(value):
    """Numbers to nine digits after the point, so that 1, 1.0 and Decimal(1) are one."""
    return round(float(value), 9) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value
