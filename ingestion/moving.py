"""Moves statements of a generated function into another one, which is called only for what has not come before."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_MADE = re.compile(r"^ *\(?(\w+(?:, \w+)*),? ?\)? = ", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w*")
_STAYS = re.compile(r"^ *(?:return\b|pop\(|[\w.]+\()|: pop\(", re.MULTILINE)  # it ends the function, or has an effect


@dataclass(frozen=True)
class Moved:
    """A function body in two parts.

    Attributes:
        kept: the lines that stay.
        moved: those that follow from the inputs alone.
        given: the variables that `moved` makes.
    """

    kept: list[str]
    moved: list[str]
    given: set[str]


def move(lines: Sequence[str], inputs: Iterable[str], others: Iterable[str]) -> Moved:
    """Sorts the statements of a function by whether they follow from some of its variables.

    A statement moves when the variables that it reads are inputs, or are made by statements that move, and when those
    that it makes are made by such statements alone. One that returns, or that calls something for its effect, stays.

    Args:
        lines: of the body. A variable is made by `name = ` or `name, name = ` at the beginning of a line.
        inputs: variables that are set before.
        others: those that are set before, too, and for which nothing moves.
    """
    statements = ["\n".join(several) for several in _statements(lines)]
    makes = [made_by(each) for each in statements]
    stays = [bool(_STAYS.search(each)) for each in statements]
    variables = {*others, *itertools.chain(*makes)} - {*inputs}
    reads = [variables.intersection(_NAME.findall(each)) for each in statements]
    moving = {place for place, is_kept in enumerate(stays) if not is_kept}
    while True:
        kept = {*others}.union(*[made for place, made in enumerate(makes) if place not in moving])
        still = {place for place in moving if not reads[place] & kept and not makes[place] & kept}
        if still == moving:
            break
        moving = still
    parts: tuple[list[str], list[str]] = ([], [])
    for place, each in enumerate(statements):
        parts[place in moving].extend(each.split("\n"))
    return Moved(parts[False], parts[True], set().union(*[makes[place] for place in moving]))


def made_by(text: str) -> set[str]:
    """The variables that a text of Python makes."""
    return {name for names in _MADE.findall(text) for name in names.split(", ")}


def read_by(lines: Iterable[str]) -> set[str]:
    """All names in some lines."""
    return set(_NAME.findall("\n".join(lines)))


def _statements(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines of each statement, with what is within it or belongs to its `if`."""
    statement: list[str] = []
    for line in lines:
        if statement and not line.startswith(("     ", "    el")):
            yield statement
            statement = []
        statement.append(line)
    if statement:
        yield statement
