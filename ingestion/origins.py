"""Where the value of a column comes from: what a contract says, and how a record answers.

An origin is compiled once for a file, to a function from a record to a value. What a column takes leaves `properties`:
each origin says, too, where in a record what it takes stands. Such a place (`Spot`) is the way there, step by step.
"""

import datetime
import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ingestion.errors import LoadError, Rejected
from ingestion.json_text import parse_json
from ingestion.transforms import Transform, applied, is_lossless

if TYPE_CHECKING:
    from ingestion.conditions import Condition

BLANK = " \t\r\n"
REMEMBERED = 10_000  # values of a column of which it is kept what they become
LONGEST_REMEMBERED = 400  # characters: a longer text is rarely the same twice
PLACE = r"(?:\[(?:\d+|only)\])"  # a place in an array, as a path writes it

Record = dict[str, Any]
Take = Callable[[Record], Any]


@dataclass(frozen=True)
class FileFacts:
    """What a value can come from beside the record. `numeral`: how a number is written with a decimal point."""

    name: str
    load_date: datetime.date
    numeral: Callable[[str], str]


@dataclass(frozen=True)
class Entry:
    """A step to the value of a key in an array of {key, value} objects, or in an object.

    Attributes:
        key: of an array, a pattern with `*`.
        is_passed: the way goes on into the value; else the value is the end, and plain.
    """

    key: str
    key_name: str = "key"
    value_name: str = "value"
    is_passed: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it asks for the value of one key, and no more."""
        return not self.is_passed and "*" not in self.key


@dataclass(frozen=True)
class Only:
    """A step to the only element of an array; there is none where the array has several."""


Step = str | int | Entry | Only
Spot = tuple[Step, ...]


@dataclass(frozen=True)
class Field:
    """A field by its name, whatever stands in that."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Path:
    """A way into a nested record. A flat field that is called as the path is `written` goes first; None: none does."""

    steps: Spot
    written: str | None = None

    def __str__(self) -> str:
        text = self.written or ""
        for step in () if text else self.steps:
            is_place = isinstance(step, int | Only)
            text += f"[{_shown(step)}]" if is_place else f"{'.' * bool(text)}{_shown(step)}"
        return text


@dataclass(frozen=True)
class Constant:
    """The same text for all."""

    text: str

    def __str__(self) -> str:
        return repr(self.text)


@dataclass(frozen=True)
class First:
    """The first of several that is not empty."""

    origins: tuple["Origin", ...]

    def __str__(self) -> str:
        return f"the first of {', '.join(map(str, self.origins))}"


@dataclass(frozen=True)
class Join:
    """Several as one text; null when one of them is."""

    parts: tuple["Origin", ...]
    separator: str

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.parts))} joined"


@dataclass(frozen=True)
class FileName:
    """What the one group of a pattern finds in the name of the landed file."""

    pattern: str

    def __str__(self) -> str:
        return f"the file's name by {self.pattern}"


@dataclass(frozen=True)
class LoadDate:
    """The load day."""

    is_load_date: bool = True

    def __str__(self) -> str:
        return "the load day"


@dataclass(frozen=True)
class When:
    """An origin, for the records of which a condition holds; null for the others."""

    origin: "Origin"
    condition: "Condition"

    def __str__(self) -> str:
        return f"{self.origin} where {self.condition.origin} says so"


Source = Field | Path | Constant | First | Join | FileName | LoadDate | When


@dataclass(frozen=True)
class Origin:
    """Where a value comes from, and what is done with it.

    Attributes:
        timestamps, time_zone: how a moment is written here; None: as the kind of file says.
    """

    source: Source
    transforms: tuple[Transform, ...] = ()
    timestamps: str | None = None
    time_zone: str | None = None

    def __str__(self) -> str:
        return str(self.source)


AnyOrigin = str | Origin  # a text is the name of a field


def taker(origin: AnyOrigin, column: str, facts: FileFacts) -> Take:
    """A function from a record to the value, which may raise `Rejected`."""
    if isinstance(origin, str):
        return lambda record: record.get(origin)
    take = _source_taker(origin.source, column, facts)
    if not origin.transforms:
        return take
    transform = applied(origin.transforms, column, facts.numeral)
    remembered: dict[str, str | None] = {}

    def transformed(record: Record) -> Any:
        value = take(record)
        if value is None or value == "":
            return None
        if type(value) is not str:
            return transform(value)
        if value not in remembered:
            made = transform(value)
            if len(remembered) >= REMEMBERED or len(value) > LONGEST_REMEMBERED:
                return made
            remembered[value] = made
        return remembered[value]

    return transformed


def _source_taker(source: Source, column: str, facts: FileFacts) -> Take:
    match source:
        case Field(name):
            return lambda record: record.get(name)
        case Path(steps, written):
            walk = walker(steps)
            if written is None:
                return walk
            return lambda record: record[written] if written in record else walk(record)
        case Constant(text):
            return lambda record: text
        case LoadDate():
            day = str(facts.load_date)
            return lambda record: day
        case FileName(pattern):
            found = re.search(pattern, facts.name)
            if found is None:
                raise LoadError(
                    f"{facts.name}: {column} comes from the file's name, and {pattern} does not find it there.\n"
                    "Remedy: correct file_name in the contract, or rename the file."
                )
            return lambda record: found[1]
        case First(origins):
            takes = [taker(each, column, facts) for each in origins]

            def first(record: Record) -> Any:
                for take in takes:
                    value = take(record)
                    if value is not None and not is_empty(value):
                        return value
                return None

            return first
        case Join(parts, separator):
            texts = [_texts(taker(each, column, facts), each, column) for each in parts]

            def join(record: Record) -> str | None:
                found = []
                for text in texts:
                    part = text(record)
                    if part is None:
                        return None
                    found.append(part)
                return separator.join(found)

            return join
        case When(origin, condition):
            holds, take = condition.holds(facts), taker(origin, column, facts)
            return lambda record: take(record) if holds(record) else None
    raise TypeError(source)


def _texts(take: Take, part: AnyOrigin, column: str) -> Callable[[Record], str | None]:
    def text(record: Record) -> str | None:
        value = take(record)
        if is_empty(value):
            return None
        if type(value) is str:
            return value
        if type(value) is int:
            return str(value)
        raise Rejected("map", "invalid_value", f"{column}: {part} is neither a text nor a whole number")

    return text


def walker(steps: Spot) -> Take:
    """A function from a record to what stands at a spot; None where nothing does. A text that is JSON is entered."""
    first, rest = steps[0], steps[1:]
    if not rest and isinstance(first, str):
        return lambda record: record.get(first)

    def walk(record: Record) -> Any:
        value: Any = record
        for step in steps:
            is_plain = type(value) is dict and type(step) is str
            value = value.get(step) if is_plain else _entered(value, step)
            if value is None:
                return None
        return value

    if len(steps) == 2 and isinstance(rest[0], Entry) and rest[0].is_exact:
        entry = rest[0]

        def walk_entry(record: Record) -> Any:
            """The same, for the key of an array."""
            value = record.get(first)
            return _values_by_key(value, entry).get(entry.key) if type(value) is list else walk(record)

        return walk_entry
    if not all(isinstance(step, str) for step in steps) or len(steps) > 3:
        return walk
    second, third = (*rest, None)[:2]

    def walk_names(record: Record) -> Any:
        """The same, for two or three names."""
        value = record.get(first)
        if type(value) is dict:
            value = value.get(second)
            if third is None or value is None:
                return value
            if type(value) is dict:
                return value.get(third)
        return None if value is None else walk(record)

    return walk_names


def _entered(value: Any, step: Step) -> Any:
    value = opened(value)
    if isinstance(step, Entry):
        if isinstance(value, dict):
            found = [value.get(step.key)]
        elif isinstance(value, list):
            if step.is_exact:
                return _values_by_key(value, step).get(step.key)
            found = [each.get(step.value_name) for each in value if _is_entry(each, step)]
        else:
            return None
        return next((end for each in found if (end := each if step.is_passed else plain(each)) is not None), None)
    if isinstance(step, Only):
        return value[0] if isinstance(value, list) and len(value) == 1 else None
    if isinstance(value, dict):
        return value.get(step) if isinstance(step, str) else None
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _values_by_key(entries: list[Any], step: Entry) -> dict[Any, Any]:
    """The first value that is not null of each key. Several columns ask the same array one after the other."""
    asked, key_name, value_name, values = _last_asked[0]
    if asked is entries and (key_name, value_name) == (step.key_name, step.value_name):
        return values
    values = {}
    for entry in entries:
        if isinstance(entry, dict):
            key, value = entry.get(step.key_name), plain(entry.get(step.value_name))
            if value is not None and isinstance(key, str):
                values.setdefault(key, value)
    _last_asked[0] = (entries, step.key_name, step.value_name, values)
    return values


_last_asked: list[tuple[Any, str, str, dict[Any, Any]]] = [(None, "", "", {})]


def opened(value: Any) -> Any:
    """What a text holds that is a JSON object or array; any other value is given back as it is."""
    if isinstance(value, str) and value.lstrip(BLANK)[:1] in ("{", "["):
        try:
            return parse_json(value.encode())
        except Rejected:
            return value
    return value


def _is_entry(value: Any, step: Entry) -> bool:
    if not isinstance(value, dict):
        return False
    key = value.get(step.key_name)
    return key == step.key or ("*" in step.key and isinstance(key, str) and fnmatchcase(key, step.key))


def plain(value: Any) -> Any:
    """A value that may stand in an object by its type: {string_value, int_value, …}."""
    if type(value) is not dict:
        return value
    for each in value.values():
        if each is not None:
            return each
    return None


def is_empty(value: Any) -> bool:
    return value is None or (type(value) is str and (not value or (value[0] in BLANK and not value.strip(BLANK))))


def fixed_spots(origin: AnyOrigin) -> tuple[Spot, ...] | None:
    """Where what an origin takes stands, in every record; None where that is another place in each."""
    if isinstance(origin, str):
        return ((origin,),)
    if not is_lossless(origin.transforms):
        return ()
    match origin.source:
        case Field(name):
            return ((name,),)
        case Path(steps, None):
            is_part = any(isinstance(step, Entry) and step.is_passed for step in steps)
            return () if is_part else (steps,)  # the rest of the value of a key means little without its key
        case Join(parts):
            spots = [fixed_spots(part) for part in parts]
            return None if None in spots else tuple(itertools.chain(*spots))
        case Constant() | FileName() | LoadDate():
            return ()
        case When(inner):
            return () if fixed_spots(inner) == () else None
    return None


def spots_finder(origin: AnyOrigin, column: str, facts: FileFacts) -> Callable[[Record], tuple[Spot, ...]]:
    """A function from a record to where in it that stands what the origin takes."""
    fixed = fixed_spots(origin)
    if fixed is not None:
        return lambda record: fixed
    match origin.source:
        case Path(steps, written):
            return lambda record: ((written,),) if written in record else (steps,)
        case Join(parts):
            finders = [spots_finder(part, column, facts) for part in parts]
            return lambda record: tuple(itertools.chain(*[find(record) for find in finders]))
        case When(inner, condition):
            holds, find = condition.holds(facts), spots_finder(inner, column, facts)
            return lambda record: find(record) if holds(record) else ()
    # What is asked of a candidate behind the chosen one is whether it leaves, and so nothing of one that never does.
    candidates = [
        (taker(each, column, facts), spots_finder(each, column, facts), fixed_spots(each) != ())
        for each in origin.source.origins
    ]

    def of_first(record: Record) -> tuple[Spot, ...]:
        """What was chosen, what is empty, and what says the same; another value is not lost."""
        chosen, same = None, []
        for take, find, can_leave in candidates:
            if chosen is not None and not can_leave:
                continue
            value = take(record)
            value = None if is_empty(value) else value
            chosen = value if chosen is None else chosen
            if value is None or (type(value) is type(chosen) and value == chosen):
                same.append(find)
        return tuple(itertools.chain(*[find(record) for find in same]))

    return of_first


def flat_names(origin: AnyOrigin) -> set[str]:
    """The flat fields that go before a path, if a record has them."""
    match origin.source if isinstance(origin, Origin) else None:
        case Path(_, written) if written is not None:
            return {written}
        case First(several) | Join(several):
            return set(itertools.chain(*map(flat_names, several)))
        case When(inner):
            return flat_names(inner)
    return set()


def spots_state(origin: AnyOrigin, column: str, facts: FileFacts) -> Callable[[Record], Any] | None:
    """Something small of a record, that can be a key of a dictionary, from which follows what `spots_finder` finds.

    Which of `flat_names` there are must be known, too; where that is enough, there is no function.
    """
    if fixed_spots(origin) is not None or isinstance(origin.source, Path):
        return None
    if isinstance(origin.source, When):
        holds, state = origin.source.condition.holds(facts), spots_state(origin.source.origin, column, facts)
        return holds if state is None else lambda record: holds(record) and (True, state(record))
    inner = origin.source.parts if isinstance(origin.source, Join) else origin.source.origins
    states = [state for each in inner if (state := spots_state(each, column, facts)) is not None]
    if isinstance(origin.source, Join):
        return (lambda record: tuple([state(record) for state in states])) if states else None
    takes = [(taker(each, column, facts), fixed_spots(each) != ()) for each in inner]

    def leaving(record: Record) -> Any:
        """Which candidates leave, as bits, and the states of those that have one."""
        chosen, bits = None, 0
        for take, can_leave in takes:
            if chosen is not None and not can_leave:
                bits <<= 1
                continue
            value = take(record)
            if value is not None and is_empty(value):
                value = None
            if chosen is None:
                chosen = value
            is_same = value is None or value is chosen or (type(value) is type(chosen) and value == chosen)
            bits = bits << 1 | is_same
        return (bits, *[state(record) for state in states]) if states else bits

    return leaving


def spots_tree(spots: Iterable[Spot]) -> dict[Step, dict]:
    """Spots as a tree: step to the tree of what follows, which is empty where something is taken."""
    tree: dict[Step, dict] = {}
    ends = set()
    for spot in spots:
        node = tree
        for length, step in enumerate(spot, 1):
            if spot[:length] in ends:
                break  # all of it is taken already
            node = node.setdefault(step, {})
        else:
            node.clear()
            ends.add(spot)
    return tree


Prune = Callable[[Any], Any]


def without(value: Any, tree: dict[Step, dict]) -> Any:
    """A copy of a value that lacks what is taken; what is empty then, and was not before, is None."""
    return pruner(tree)(value)


def pruner(tree: dict[Step, dict]) -> Prune:
    """`without` for one tree, as a function of the value."""
    below = {step: pruner(inner) if inner else None for step, inner in tree.items()}
    # By name in an object, by place in an array, by key in an array of entries.
    names = [(step.key if isinstance(step, Entry) else step, prune) for step, prune in below.items()]
    names = [(name, prune) for name, prune in names if isinstance(name, str)]
    places = [(step, prune) for step, prune in below.items() if isinstance(step, int | Only)]
    exact = [step for step in tree if isinstance(step, Entry) and step.is_exact]
    others = [step for step in tree if isinstance(step, Entry) and not step.is_exact]

    def without_names(value: dict[str, Any]) -> dict[str, Any] | None:
        rest = value.copy()
        for name, prune in names:
            if name in rest:
                left = None if prune is None else prune(rest[name])
                if left is None:
                    del rest[name]
                else:
                    rest[name] = left
        return rest if rest or not value else None

    def without_places(value: list[Any]) -> list[Any] | None:
        rest = value.copy()
        for step, prune in places:
            place = (0 if len(rest) == 1 else len(rest)) if isinstance(step, Only) else step
            if place < len(rest):
                rest[place] = None if prune is None else prune(rest[place])
        if exact:
            rest = _without_keys(rest, exact)
        for step in others:
            rest = _without_entries(rest, step)
        return rest if any(each is not None for each in rest) else None

    def pruned(value: Any) -> Any:
        if type(value) is dict:
            return without_names(value)
        if type(value) is list:
            return without_places(value) if value else value
        if type(value) is str:
            inside = opened(value)
            return value if isinstance(inside, str) else pruned(inside)
        return value

    return pruned


def _without_entries(entries: list[Any], step: Entry) -> list[Any]:
    """Without the entries that were taken: the first that has a value, and those that have none."""
    kept, is_taken = [], False
    for each in entries:
        if not _is_entry(each, step):
            kept.append(each)
        elif plain(each.get(step.value_name)) is not None:
            if is_taken:
                kept.append(each)
            is_taken = True
    return kept


def _without_keys(entries: list[Any], steps: list[Entry]) -> list[Any]:
    """The same for several steps at once, each of which asks for one key."""
    value_names = {(step.key_name, step.key): step.value_name for step in steps}
    key_names = {step.key_name for step in steps}
    taken, rest = set(), []
    for entry in entries:
        is_kept = True
        for key_name in key_names if isinstance(entry, dict) else ():
            key = entry.get(key_name)
            value_name = value_names.get((key_name, key)) if isinstance(key, str) else None
            if value_name is not None:
                has_value = plain(entry.get(value_name)) is not None
                is_kept = is_kept and has_value and (key_name, key) in taken
                if has_value:
                    taken.add((key_name, key))
        if is_kept:
            rest.append(entry)
    return rest


def is_present(origin: AnyOrigin, record: Record) -> bool:
    """Whether a record has what an origin names, be it null. What comes from elsewhere is always there."""
    if isinstance(origin, str):
        return origin in record
    match origin.source:
        case Field(name):
            return name in record
        case Path(steps, written):
            return written in record or _leads_somewhere(record, steps)
        case First(origins):
            return any(is_present(each, record) for each in origins)
        case Join(parts):
            return all(is_present(each, record) for each in parts)
        case When(inner):
            return is_present(inner, record)
    return True


def _leads_somewhere(record: Record, steps: Spot) -> bool:
    value: Any = record
    for step in steps:
        value = opened(value)
        if isinstance(step, Entry) and isinstance(value, list):
            if not any(_is_entry(each, step) for each in value):
                return False
            value = _entered(value, step)
        else:
            name = step.key if isinstance(step, Entry) else 0 if isinstance(step, Only) else step
            names = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
            if name not in names:
                return False
            value = value[name]
    return True


def lacking(origin: AnyOrigin, names: set[str]) -> list[str]:
    """The fields without which an origin has nothing to take, where a record has fields of these names."""
    if isinstance(origin, str):
        return [] if origin in names else [origin]
    match origin.source:
        case Field(name):
            return [] if name in names else [name]
        case Path(steps, written):
            return [] if steps[0] in names or written in names else [str(steps[0])]
        case First(origins):
            of_each = [lacking(each, names) for each in origins]
            return [] if [] in of_each else list(itertools.chain(*of_each))
        case Join(parts):
            return list(itertools.chain(*[lacking(each, names) for each in parts]))
        case When(inner, condition):
            return [*lacking(inner, names), *lacking(condition.origin, names)]
    return []


def fields(origin: AnyOrigin) -> set[str]:
    """The fields of a record, by name, in which an origin looks."""
    if isinstance(origin, str):
        return {origin}
    match origin.source:
        case Field(name):
            return {name}
        case Path(steps, written):
            return {str(steps[0])} | ({written} if written else set())
        case First(several) | Join(several):
            return set(itertools.chain(*[fields(each) for each in several]))
        case When(inner, condition):
            return fields(inner) | fields(condition.origin)
    return set()


def parse_path(text: str) -> Spot:
    """`items[0].sku` to its steps. Raises `ValueError` where a name between two dots is empty."""
    steps: list[Step] = []
    for part in text.split("."):
        name, places = re.fullmatch(rf"(.*?)({PLACE}*)", part, re.DOTALL).groups()
        if not name:
            raise ValueError(text)
        steps += [name, *(Only() if place == "only" else int(place) for place in re.findall(r"\w+", places))]
    return tuple(steps)


def paths_of(value: Any, before: str = "") -> list[str]:
    """What a record holds, as paths, for a message: of an array the first element."""
    value = opened(value)
    if isinstance(value, dict) and value:
        dot = "." if before else ""
        return list(itertools.chain(*[paths_of(each, f"{before}{dot}{name}") for name, each in value.items()]))
    if isinstance(value, list) and value:
        return paths_of(value[0], f"{before}[0]")
    return [before]


def _shown(step: Step) -> str:
    if isinstance(step, Only):
        return "only"
    return f"{step.key} (a {step.key_name})" if isinstance(step, Entry) else str(step)
