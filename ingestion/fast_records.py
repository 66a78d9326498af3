"""The fast path for events of any contract: a function made for one kind of file, some five times faster than `Mapper`.

The function is written as Python from the contract, once for a file: straight on, with a variable for each value. What
comes again and again is remembered by how it is written, such as a user agent, or a whole object that tells of a
device; of such an object it is remembered, too, what of it stays in `properties`.

`FastRecords` raises one of `DOUBTS` for every record that is not plainly well-formed. `Mapper` then decides what
becomes of it. For the others both give the same row, up to the order of the keys in `properties`, which jsonb does not
keep; a test holds them against each other.
"""

import datetime
import itertools
import operator
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from ingestion.conditions import Condition, value_test
from ingestion.contracts import FileContract
from ingestion.errors import Rejected
from ingestion.fast_events import Doubt
from ingestion.json_text import DEEPEST, parse_json
from ingestion.mapping import NULL, Mapper, Texts, content_hash, form_of
from ingestion.moving import made_by, move, read_by
from ingestion.origins import (
    LONGEST_REMEMBERED,
    REMEMBERED,
    AnyOrigin,
    Constant,
    Entry,
    Field,
    FileName,
    First,
    Join,
    LoadDate,
    Origin,
    Path,
    Prune,
    Spot,
    When,
    fixed_spots,
    is_empty,
    parse_path,
    pruner,
    spots_finder,
    spots_tree,
    taker,
    walker,
)
from ingestion.reading import LONGEST_LINE
from ingestion.targets import ID, LIMITS, LONGEST_ID, NUMBER, TEXT, TIMESTAMP
from ingestion.times import ISO, UNIX, UTC, UTC_TIMESTAMP
from ingestion.transforms import applied

DOUBTS = (Doubt, Rejected, msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError)
LONGEST_PIECE = 2000  # bytes of an object that is remembered
MOST_FUNCTIONS = 10  # for one file; each knows the fields that were new to the one before
MOST_LEARNED = 200  # fields of an object that the contract does not name
SEVERAL = 3  # objects in an object from which on each is remembered by itself
TAKES_LONG = frozenset(("event_id", "user_id", "anonymous_id", "session_id", "order_id"))  # rarely the same again
_encode = msgspec.json.Encoder().encode  # jsonb keeps no order of keys
JSON = ("ndjson", "json_array", "json_document")
IS_TEXT, IS_OBJECT, IS_OTHER = 1, 2, 4
SEPARATOR = b"\0"  # which no JSON holds
_KINDS = {str: IS_TEXT, dict: IS_OBJECT, list: IS_OBJECT}
DEEPEST_LEARNED = 3  # steps to an object whose fields are remembered
MOST_PATHS = 200  # objects of which the fields are remembered
MOST_COMPARED = 100  # records of which it is known which values came together
SECONDS = tuple(f"{second // 60:02}:{second % 60:02}" for second in range(3600))  # of an hour
ENOUGH_OBJECTS = 20  # fewer do not say whether they come again
FEW = 5  # values of a field, of so many records as are compared
LONGEST_TOGETHER = 2 * LONGEST_PIECE  # bytes of the values that are remembered together
ENOUGH_LINES = 1000  # fewer do not say whether they come together again
MOST_SHAPES = 2000  # arrays of entries with other keys

Scalar = str | int | float | bool | None
Steps = tuple[Any, ...]
Row = Callable[[int, Any, Any], str | None]


@dataclass(frozen=True)
class Leaving:
    """What leaves where these conditions hold; and with a candidate of `first` where that is empty or the same."""

    spots: Sequence[Spot]
    whens: tuple[When, ...] = ()
    first: Origin | None = None
    candidate: AnyOrigin | None = None


class NotCovered(Exception):
    """The contract says something that only `Mapper` knows."""


@dataclass
class Node:
    """A field of the records, or of an object in them, and how it is read.

    Attributes:
        kind: `flat`, any value; `memo`, remembered by how it is written; `entries`, an array of keys and values;
            `struct`, an object of several objects; `told`, the object that is mapped to `properties`.
        variable: of the value.
        steps: the ways to what is read of it, one by one.
        origins: what is read of it alone, and remembered with it.
        spots: what always leaves.
        finders: what leaves by the value itself, as a function of the record.
        bits: the variables that say whether something leaves, with what leaves then.
        is_text: the decoder takes nothing else here, but null.
        entry: of an array of keys and values, what an element is.
    """

    name: str
    kind: str
    path: Steps
    variable: str
    steps: list[Steps] = field(default_factory=list)
    origins: list["Local"] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    finders: list[Callable[[Any], tuple[Spot, ...]]] = field(default_factory=list)
    bits: list[tuple[str, Spot]] = field(default_factory=list)
    children: dict[str, "Node"] = field(default_factory=dict)
    prunes: dict[Any, Prune | None] = field(default_factory=dict)
    is_text: bool = False
    entry: type[msgspec.Struct] | None = None

    @property
    def is_taken(self) -> bool:
        return self.path in self.spots

    def leaving(self, chosen: int, more: Iterable[Spot] = ()) -> list[Spot]:
        """What leaves; `chosen` has a bit for each of `bits` that is set."""
        return [*self.spots, *more, *[spot for place, (_, spot) in enumerate(self.bits) if chosen >> place & 1]]

    def tree(self, chosen: int = 0, more: Iterable[Spot] = ()) -> dict[Any, dict]:
        """What leaves the value, by the steps below it."""
        tree = spots_tree(self.leaving(chosen, more))
        for step in self.path:
            tree = tree.get(step, {})
        return tree

    def prune(self, chosen: int = 0, more: tuple[Spot, ...] = ()) -> Prune | None:
        """A function from the value to what is left of it; None: nothing leaves."""
        key = (chosen, more)
        if key not in self.prunes:
            if self.path in self.leaving(chosen, more):
                prune = _nothing_left
            else:
                tree = self.tree(chosen, more)
                prune = pruner(tree) if tree else None
            if len(self.prunes) >= REMEMBERED:
                return prune
            self.prunes[key] = prune
        return self.prunes[key]

    def record(self, value: Any) -> Any:
        """A record that holds nothing but a value in this place."""
        for name in reversed(self.path):
            value = {name: value}
        return value


@dataclass(frozen=True)
class Local:
    """An origin that is asked of one node alone. `texts`: of its column; None: the value itself is wanted."""

    origin: AnyOrigin
    column: str
    texts: Texts | None
    variable: str


@dataclass
class Seen:
    """What the values of a field were.

    Attributes:
        kinds: of all that were not null.
        objects: how many were objects, and the hashes of those that differ.
        hashes: of the values, by the number of the record; of the first records only.
    """

    kinds: int = 0
    objects: int = 0
    different: set[int] = field(default_factory=set)
    hashes: dict[int, int] = field(default_factory=dict)

    @property
    def varies(self) -> bool:
        """Whether it is rarely the same object again."""
        return self.objects >= ENOUGH_OBJECTS and 3 * len(self.different) > self.objects

    def note(self, value: Any, record_no: int) -> bool:
        """Whether the value is of another kind than those before."""
        kind = 0 if value is None else _KINDS.get(type(value), IS_OTHER)
        if record_no < MOST_COMPARED or type(value) is dict:
            hashed = hash(value if type(value) is str else _encode(value))
            if record_no < MOST_COMPARED:
                self.hashes[record_no] = hashed
            if type(value) is dict:
                self.objects += 1
                self.different.add(hashed)
        is_new, self.kinds = self.kinds not in (0, self.kinds | kind), self.kinds | kind
        return is_new


class Memo(dict):
    """What is made of a text, by text; made as texts occur."""

    def __init__(self, make: Callable[[Any], Any], longest: int = LONGEST_PIECE) -> None:
        super().__init__()
        self.make, self._longest = make, longest

    def __missing__(self, key: Any) -> Any:
        made = self.make(key)
        if len(self) < REMEMBERED and isinstance(key, str | bytes) and len(key) <= self._longest:
            self[key] = made
        return made


@dataclass
class Tally:
    """How many lines there were, and for how many of them values came together that had not before."""

    lines: int = 0
    new: int = 0

    @property
    def is_mostly_new(self) -> bool:
        return self.lines >= ENOUGH_LINES and 2 * self.new > self.lines


class Together(dict):
    """What is made of several values, by how they are written, one after the other."""

    def __init__(self, make: Callable[..., tuple], tally: Tally) -> None:
        super().__init__()
        self._make, self._tally = make, tally

    def make(self, key: bytes, *pieces: Any) -> tuple:
        self._tally.new += 1
        made = self._make(*pieces)
        if len(key) <= LONGEST_TOGETHER:
            if len(self) >= REMEMBERED:  # what comes together changes with time, as those do who are there
                self.clear()
            self[key] = made
        return made


class Hours(dict):
    """The hours that a moment may lie in, as text or as a number of hours since 1970: to the text of the hour.

    The bounds are midnights, so that an hour lies within them or outside.
    """

    def __init__(self, earliest: datetime.datetime, latest: datetime.datetime) -> None:
        super().__init__()
        self._bounds = earliest, latest

    def __missing__(self, key: str | int) -> str:
        if isinstance(key, str):
            hour = datetime.datetime.fromisoformat(f"{key}:00:00+00:00")
        else:
            hour = datetime.datetime.fromtimestamp(0, UTC) + datetime.timedelta(hours=key)
        if not self._bounds[0] <= hour < self._bounds[1]:
            raise Doubt
        text = str(hour)[:14]
        if len(self) < REMEMBERED:
            self[key] = text
        return text


class Code:
    """Lines of a function, and the values that its names stand for."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self.indent = 1
        self._count = itertools.count()

    def say(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def new(self, prefix: str = "x") -> str:
        return f"{prefix}{next(self._count)}"

    def bind(self, value: Any, prefix: str = "k") -> str:
        name = self.new(prefix)
        self.names[name] = value
        return name

    def function(self, head: str) -> Callable[..., Any]:
        source = "\n".join([f"def made({head}):", *self.lines])
        exec(compile(source, "<made of a contract>", "exec"), self.names)  # noqa: S102
        return self.names["made"]


class FastRecords:
    """Makes rows of the records of one file.

    Args:
        mapper: what the contract means; its texts are shared.
        derived: the kinds that are derived from the lines, each with how it takes a record.
        record_of: the record in a piece.
    """

    def __init__(
        self, mapper: Mapper, derived: Sequence[Any], record_of: Callable[[Any], dict[str, Any] | None]
    ) -> None:
        self._mapper, self._derived, self._record_of = mapper, derived, record_of
        self._learned: dict[Steps, dict[str, Seen]] = {}
        self._is_new = True
        self._functions = 0
        self._learned_from = 0
        self._tally: Tally | None = Tally()
        self._row: Row | None = None

    @staticmethod
    def covers(contract: FileContract) -> bool:
        """Whether the files of this kind may be mapped here."""
        return (
            contract.target.name == "user_events"
            and contract.derived_from is None
            and (contract.format in (*JSON, "csv", "tsv", "parquet"))
            and "properties" not in {**contract.constants, **contract.defaults}
            and all(kind.skip for kind in contract.derived)
        )

    def learn(self, record: dict[str, Any]) -> None:
        """Remember the fields of a record, for a function that is made later."""
        self._learn((), record)
        self._learned_from += 1

    def _learn(self, path: Steps, value: dict[str, Any]) -> None:
        if path not in self._learned and len(self._learned) >= MOST_PATHS:
            return
        known = self._learned.setdefault(path, {})
        for name, each in value.items():
            if name not in known and len(known) < MOST_LEARNED and _can_be_named(name):
                known[name] = Seen()
                self._is_new = True
            if name in known:
                self._is_new |= known[name].note(each, self._learned_from)
                if isinstance(each, dict) and len(path) < DEEPEST_LEARNED:
                    self._learn((*path, name), each)

    def function(self, names: Sequence[str] | None, lines: int) -> Row:
        """A function from (line number, record, piece) to its row, or None where the contract leaves it out.

        The record is what `Format.plain` makes of the piece.

        Args:
            names: of the columns of a table; None: the records are JSON.
            lines: for how many it is wanted.

        Raises `NotCovered`; the function raises one of `DOUBTS`.
        """
        if self._tally and self._tally.is_mostly_new:
            self._tally, self._row = None, None
        if self._row is None or (names is None and self._is_new and self._functions < MOST_FUNCTIONS):
            self._is_new = False
            self._functions += 1
            about = self._mapper, self._derived, self._record_of, names, self._learned
            self._row = _Writer(*about, self._tally).function()
        if self._tally:
            self._tally.lines += lines
        return self._row


class _Writer:
    """Writes the function. Without a tally nothing is remembered together."""

    def __init__(
        self,
        mapper: Mapper,
        derived: Sequence[Any],
        record_of: Callable[[Any], dict[str, Any] | None],
        names: Sequence[str] | None,
        learned: dict[Steps, dict[str, Seen]],
        tally: Tally | None,
        *,
        is_clean: bool = True,
    ) -> None:
        self.mapper, self.derived, self.record_of, self.names, self.learned = mapper, derived, record_of, names, learned
        self.tally = tally
        self.is_clean = is_clean  # whether no line has an escape, so that no text in it needs one
        self.contract = mapper.contract
        self.is_json = names is None
        self.code = Code()
        self.code.names |= {
            "encode": _encode, "Doubt": Doubt, "UNSET": UNSET, "NULL": NULL, "is_empty": is_empty, "parse": parse_json,
            "text_of": _text_of, "piece_of": _plain_piece, "value_in": _value_in,
        }  # fmt: skip
        self.conditions = [*self.contract.skip, *itertools.chain(*[kind.contract.skip for kind in derived])]
        self.nodes: dict[str, Node] = {}
        self.values: dict[Steps, str] = {}  # an expression for what stands at a place
        self.locals: dict[int, str] = {}  # the variable of an origin that is asked of one node
        self.texts: dict[str, str] = {}  # the variable of a column's text that a node remembers
        self.sure: set[str] = set()  # variables that are a text or None
        self.flat: set[str] = set()  # fields that would go before a path
        self.empties: dict[Steps, str] = {}
        self.asked: dict[int, str] = {}
        self.whens: dict[int, str] = {}  # the variable that says whether the condition of an origin holds
        self.chosen: dict[tuple[int, ...], str] = {}
        self.together: set[Steps] = set()  # what is remembered together
        self.alike: dict[str, str] = {}  # the variables of that, and the line that finds what is known of each
        self.direct = "", ""  # whether the properties are written straight into the row, and how

    def function(self) -> Row:
        contract, code = self.contract, self.code
        mapped = contract.columns.get("properties")
        self.told = None if mapped is None else self._told_name(mapped)
        self._plan()
        if self.is_json:
            code.say("size = len(piece)")
            code.say(f"if size > {LONGEST_LINE}:")
            code.say("    raise Doubt")
            if self.is_clean:
                code.say("if b'\\\\' in piece:")
                code.say(f"    return {code.bind(self._careful())}(n, piece, landed)")
            decode = code.bind(msgspec.json.Decoder(self._struct((), self.nodes)).decode)
            code.say(f"r = {decode}(piece)")
        else:
            code.say(f"{''.join(f'f{number}, ' for number in range(len(self.names)))} = piece")
        self._read((), self.nodes, "r")
        if len(self.alike) >= SEVERAL:
            code.say(f"key = {code.bind(SEPARATOR.join)}(({', '.join(self.alike)}))")
            code.say("size -= len(key)")
        if self.is_json and self.told is not None:  # which may hold anything; the other fields are not nested
            code.say(
                f"if size > {2 * DEEPEST - len(self.alike)} and piece.count(b'{{') + piece.count(b'[') > {DEEPEST}:"
            )
            code.say("    raise Doubt")
        begin = len(code.lines)
        for found in self.alike.values():
            code.say(found)
        for origin in [*self._origins(), *[condition.origin for condition in self.conditions]]:
            self._ask(origin)
        for condition in contract.skip:
            test = self._test(condition)
            code.say(f"if {test}:")
            code.indent += 1
            self._derive()
            code.say("return None")
            code.indent -= 1
        self.asked = {id(each.candidate): "" for each in self.conditional if each.candidate is not None}
        cells = self._cells()
        self._bits()
        self.asked = {}
        self._check(cells)
        properties = self._properties()
        cells["properties"] = "{properties}"
        user, visitor, session = (_expression(cells[each]) for each in ("user_id", "anonymous_id", "session_id"))
        code.say(f"actor = {user} if {user} != NULL else {visitor}")
        code.say("if actor == NULL:")
        code.say("    raise Doubt")
        if not self.mapper.has_key:  # the id is made of the content
            record = f"{code.bind(self.record_of)}(landed)" if self.is_json else f"dict(zip({self.names!r}, piece))"
            code.say(f"c_event_id = {code.bind(content_hash)}(source, {record})")
            cells["event_id"] = "{c_event_id}"
        self._derive()
        cells["actor_id"] = "{actor}"
        is_session = f"{{'t' if {session} != NULL else 'f'}}"
        cells["is_producer_session"] = is_session if contract.producer_sessions else "f"
        code.names |= {"start": self.mapper.arrival, "source": contract.source}
        self._finish(begin, [cells[column] for column in contract.target.columns], properties)
        return code.function("n, piece, landed")

    def _finish(self, begin: int, cells: Sequence[str], properties: str) -> None:
        """Writes the row. What follows from the values that come together is found once for all lines with them.

        Args:
            begin: the first line of the function that may read such a value.
            properties: the variable that has them, unless they are written straight into the row.
        """
        code = self.code

        def last(cells: Iterable[str]) -> list[str]:
            row = r'return f"{start}{n}\t{source}\t' + r"\t".join(cells) + r'\n"'
            is_direct, directly = self.direct
            lines = [f"    if {is_direct}: {row.replace('{properties}', directly)}"] if is_direct else []
            return [*lines, f"    {row.replace('{properties}', f'{{{properties}}}')}"]

        if len(self.alike) < SEVERAL:
            code.lines += last(cells)
            return
        before = made_by("\n".join(code.lines[:begin])) - self.alike.keys()
        parts = move(code.lines[begin:], self.alike, {"n", "piece", "landed", "size", *before})
        made, joined = [], []
        for is_given, run in itertools.groupby(cells, lambda cell: cell[1:-1] in parts.given):
            run = r"\t".join(run)
            if is_given:
                made.append(f'    {(name := code.new("j"))} = f"{run}"')
                run = f"{{{name}}}"
            joined.append(run)
        kept = [*parts.kept, *last(joined)]
        given = sorted((parts.given | made_by("\n".join(made))) & read_by(kept))
        del code.lines[begin:]
        inner = Code()
        inner.names = code.names
        inner.lines = [*parts.moved, *made, f"    return ({''.join(f'{name}, ' for name in given)})"]
        pieces = ", ".join(self.alike)
        known = code.bind(Together(inner.function(pieces), self.tally))
        get = code.bind(code.names[known].get)
        code.say(f"({''.join(f'{name}, ' for name in given)}) = {get}(key) or {known}.make(key, {pieces})")
        code.lines += kept

    def _careful(self) -> Row:
        """The function for lines with an escape, which is made when the first one comes."""
        made: list[Row] = []

        def careful(number: int, piece: Any, landed: Any) -> str | None:
            if not made:
                about = self.mapper, self.derived, self.record_of, self.names, self.learned, self.tally
                made.append(_Writer(*about, is_clean=False).function())
            return made[0](number, piece, landed)

        return careful

    # Where the values stand, and what leaves `properties`

    def _told_name(self, mapped: AnyOrigin) -> str:
        spots = fixed_spots(mapped)
        is_plain = isinstance(mapped, str) or (isinstance(mapped, Origin) and not mapped.transforms)
        if not is_plain or spots is None or len(spots) != 1 or len(spots[0]) != 1:
            raise NotCovered
        return spots[0][0]

    def _plan(self) -> None:
        """What is read of the records, how, and what of it leaves."""
        contract = self.contract
        sources = {column: source for column, source in self.mapper.sources.items() if source.origin is not None}
        steps: dict[Steps, None] = {}
        for origin in [*self._origins(), *[condition.origin for condition in self.conditions]]:
            steps |= dict.fromkeys(self._ways(origin))
        ignored: list[Spot] = []
        for name in contract.ignore:
            ignored.append((name,))
            with suppress(ValueError):
                ignored.append(parse_path(name))
        if self.is_json and self.tally:
            self.together = self._coming_together()
        self.nodes = self._nodes((), list(steps), ignored)
        if self.told is not None and self.told not in self.nodes:
            self.nodes[self.told] = Node(self.told, "told", (self.told,), self.code.new("v"))
        if self.is_json and self.flat & self.nodes.keys():
            raise NotCovered
        for column, source in sources.items():
            is_shared = source.told != column or column == "event_type"
            self._localise(source.origin, column, None if is_shared else source.texts)
        for condition in self.conditions:
            self._localise(condition.origin, str(condition.origin), None)
        for spot in ignored:
            self._node(spot).spots.append(spot)
        self._leaving()

    def _origins(self) -> list[AnyOrigin]:
        """Of the columns that another function does not know already."""
        return [
            source.origin
            for column, source in self.mapper.sources.items()
            if source.origin is not None and column != "properties" and column not in self.texts
        ]

    def _ways(self, origin: AnyOrigin) -> list[Steps]:
        """The ways to all that an origin looks at."""
        if isinstance(origin, str):
            return [(origin,)]
        match origin.source:
            case Field(name):
                return [(name,)]
            case Path(steps, written):
                if written is not None and len(steps) > 1:
                    self.flat.add(written)
                return [self._steps(steps, written)]
            case First(several) | Join(several):
                return list(itertools.chain(*map(self._ways, several)))
            case When(inner, condition):
                return [*self._ways(inner), *self._ways(condition.origin)]
        return []

    def _steps(self, steps: Steps, written: str | None) -> Steps:
        if written is not None and not self.is_json and written in self.names:
            return (written,)
        if not isinstance(steps[0], str):
            raise NotCovered
        return steps

    def _nodes(self, path: Steps, steps: list[Steps], spots: list[Spot]) -> dict[str, Node]:
        """The nodes below a path."""
        at = len(path)
        nodes = {}
        for name in dict.fromkeys(each[at] for each in [*steps, *spots] if len(each) > at and each[:at] == path):
            below = (*path, name)
            inner, left = ([each for each in several if each[: at + 1] == below] for several in (steps, spots))
            node = Node(name, self._kind(below, inner, left), below, self.code.new("v"))
            if node.kind == "struct":
                node.children = self._nodes(below, inner, left)
            elif node.kind != "memo":
                node.steps = inner
            nodes[name] = node
        return nodes

    def _kind(self, path: Steps, steps: list[Steps], spots: list[Spot]) -> str:
        if path == (self.told,):
            return "told"
        below = [each[len(path) :] for each in [*steps, *spots]]
        deeper = [each for each in below if each]
        is_alike = path in self.together or (self.together and self._was_never_there(path))
        if not deeper and not (is_alike and steps):
            return "flat"
        if not self.is_json:
            return "memo"
        exact = [each[0] for each in deeper if isinstance(each[0], Entry) and len(each) == 1 and each[0].is_exact]
        if len(path) == 1 and len(exact) == len(deeper) and len({(e.key_name, e.value_name) for e in exact}) == 1:
            return "entries"
        if is_alike:
            return "memo"
        is_named = all(below) and all(isinstance(each[0], str) for each in below)
        has_several = len({each[0] for each in below if len(each) > 1}) >= SEVERAL
        return "struct" if is_named and (has_several or self._varies(path)) else "memo"

    def _coming_together(self) -> set[Steps]:
        """The fields whose values come again, also all of them together.

        What takes long, such as an object, is taken as long as there are at most half as many combinations as records,
        that with few values first. Others are taken where they have few values that hardly make more combinations.
        Of an object that is not taken, the fields may be.
        """
        taken: set[Steps] = set()
        records = len(set().union(*[seen.hashes for seen in self.learned.get((), {}).values()]))
        if records < ENOUGH_OBJECTS:
            return taken
        transformed = set(itertools.chain(*map(self._transformed, self.contract.columns.values())))
        combined, many = [()] * records, 1
        for takes_long in (True, False):
            for path, name, seen in self._by_values():
                steps = (*path, name)
                within = any(steps[:length] in taken for length in range(1, len(steps) + 1))
                if within or steps[0] == self.told or takes_long != (seen.kinds == IS_OBJECT or steps in transformed):
                    continue
                more = [(*known, seen.hashes.get(number)) for number, known in enumerate(combined)]
                most = records / 2 if takes_long else 1.1 * many if len({*seen.hashes.values()}) <= FEW else 0
                if len({*more}) <= most:
                    combined, many = more, len({*more})
                    taken.add(steps)
        return taken

    def _transformed(self, origin: AnyOrigin) -> list[Steps]:
        """The ways to what an origin transforms."""
        if isinstance(origin, str):
            return []
        if origin.transforms:
            return self._ways(origin)
        match origin.source:
            case First(several) | Join(several):
                return list(itertools.chain(*map(self._transformed, several)))
            case When(inner):
                return self._transformed(inner)
        return []

    def _by_values(self) -> list[tuple[Steps, str, Seen]]:
        """The fields of the records, and behind them those of objects; those with few values first."""
        several = [(path, name, seen) for path, known in self.learned.items() for name, seen in known.items()]
        return sorted(several, key=lambda each: (len(each[0]), len({*each[2].hashes.values()})))

    def _was_never_there(self, path: Steps) -> bool:
        """Whether a field was null in all records, or not there; of one that lies too deep that is not known."""
        known = self.learned.get(path[:-1])
        return known is not None and (path[-1] not in known or not known[path[-1]].kinds)

    def _varies(self, path: Steps) -> bool:
        seen = self.learned.get(path[:-1], {}).get(path[-1])
        return len(path) <= DEEPEST_LEARNED and seen is not None and seen.kinds == IS_OBJECT and seen.varies

    def _node(self, steps: Steps) -> Node:
        nodes, node = self.nodes, None
        for step in steps:
            node = nodes[step]
            if node.kind != "struct":
                break
            nodes = node.children
        return node

    def _localise(self, origin: AnyOrigin, column: str, texts: Texts | None) -> None:
        """Let a node find the whole of an origin where it is the only one asked, or the parts of it."""
        ways = self._ways(origin)
        nodes = {self._node(way).path: self._node(way) for way in ways}
        if len(nodes) == 1:
            (node,) = nodes.values()
            if node.kind == "flat" and isinstance(origin, Origin) and origin.transforms and texts is None:
                return
            if node.kind == "memo":
                if id(origin) not in self.locals or texts is not None:
                    local = Local(origin, column, texts, self.code.new("a"))
                    node.origins.append(local)
                    if texts is None:
                        self.locals[id(origin)] = local.variable
                        if isinstance(origin, Origin) and origin.transforms:
                            self.sure.add(local.variable)
                    else:
                        self.texts[column] = local.variable
                if isinstance(origin, Origin) and isinstance(origin.source, When):
                    self._localise(origin.source.condition.origin, column, None)
                return
        match origin.source if isinstance(origin, Origin) else None:
            case First(several) | Join(several):
                for each in several:
                    self._localise(each, column, None)
            case When(inner, condition):
                self._localise(inner, column, None)
                self._localise(condition.origin, column, None)

    def _leaving(self) -> None:
        """What leaves with each column."""
        always: list[Spot] = list(itertools.chain(*[node.spots for node in self._all(self.nodes)]))
        maybe: list[Leaving] = []
        unsure: list[Spot] = []  # what leaves with a candidate of a candidate
        facts = self.mapper.facts
        for column, origin in self.contract.columns.items():
            if column == "properties":
                continue
            ways = self._ways(origin)
            homes = {self._node(way).path for way in ways}
            if fixed_spots(origin) is None and len(homes) == 1 and self._node(ways[0]).kind == "memo":
                self._node(ways[0]).finders.append(spots_finder(origin, column, facts))
            else:
                self._leave(origin, always, maybe, unsure)
        taken = set(always)

        def is_taken(spot: Spot) -> bool:
            return any(spot[:length] in taken for length in range(1, len(spot) + 1))

        if not all(map(is_taken, unsure)):
            raise NotCovered
        self.conditional = [each for each in maybe if not all(map(is_taken, each.spots))]
        for spot in taken:
            node = self._node(spot)
            if spot not in node.spots:
                node.spots.append(spot)

    def _all(self, nodes: dict[str, Node]) -> Iterable[Node]:
        for node in nodes.values():
            yield node
            yield from self._all(node.children)

    def _leave(
        self,
        origin: AnyOrigin,
        always: list[Spot],
        maybe: list["Leaving"],
        unsure: list[Spot],
        whens: tuple[When, ...] = (),
    ) -> None:
        """Sorts what leaves with an origin. `whens`: what must hold for that."""
        spots = fixed_spots(origin)
        if spots is None and isinstance(origin.source, Path):
            spots = (self._steps(origin.source.steps, origin.source.written),)
        if spots is not None:
            if not whens:
                always += spots
            elif spots:
                maybe.append(Leaving(spots, whens))
            return
        match origin.source:
            case Join(parts):
                for part in parts:
                    self._leave(part, always, maybe, unsure, whens)
            case When(inner):
                self._leave(inner, always, maybe, unsure, (*whens, origin.source))
            case First(origins):
                # The first one is chosen or empty, and leaves in either case.
                self._leave(origins[0], always, maybe, unsure, whens)
                for each in origins[1:]:
                    spots: list[Spot] = []
                    inner: list[Leaving] = []
                    self._leave(each, spots, inner, unsure)
                    for more in [Leaving(tuple(spots)), *inner]:
                        if more.candidate is not None:
                            unsure += more.spots
                        elif more.spots:
                            maybe.append(Leaving(more.spots, (*whens, *more.whens), origin, each))

    # How they are read

    def _struct(self, path: Steps, nodes: dict[str, Node]) -> type[msgspec.Struct]:
        """What the decoder makes of an object. Fields that the contract does not name are added as nodes."""
        if not all(map(_can_be_named, nodes)):
            raise NotCovered
        learned = self.learned.get(path, {})
        for name, seen in learned.items():
            if name not in nodes and (path or name not in self.flat):
                kind = "flat" if not seen.kinds & IS_OBJECT else "struct" if self._varies((*path, name)) else "memo"
                if (*path, name) in self.together:
                    kind = "memo"
                nodes[name] = Node(name, kind, (*path, name), self.code.new("v"))
        # The decoder expects the fields in this order.
        place = {name: number for number, name in enumerate(learned)}
        fields = []
        for node in sorted(nodes.values(), key=lambda each: place.get(each.name, len(place))):
            kind = Raw if node.kind == "memo" else dict[str, Any] | None if node.kind == "told" else Scalar
            if node.kind == "flat" and node.name in learned and learned[node.name].kinds == IS_TEXT:
                node.is_text, kind = True, str | None
            if node.kind == "struct":
                kind = self._struct(node.path, node.children) | None
            elif node.kind == "entries":
                node.entry = _entry(node)
                kind = list[node.entry] | None
            fields.append((node.variable, kind, b"" if node.kind == "memo" else UNSET if path else None))
        made = msgspec.defstruct(
            "Object",
            fields,
            rename={node.variable: node.name for node in nodes.values()},
            forbid_unknown_fields=True,
            gc=False,
        )
        if path:
            self.empties[path] = self.code.bind(made(), "empty")
        return made

    def _read(self, path: Steps, nodes: dict[str, Node], owner: str) -> None:
        code = self.code
        place = {name: number for number, name in enumerate(self.names or ())}
        for name in place.keys() - nodes.keys():
            nodes[name] = Node(name, "flat", (name,), code.new("v"))
        for node in nodes.values():
            name = node.variable
            if node.kind == "flat" and node.is_taken and not node.steps:
                continue
            where = f"{owner}.{name}" if self.is_json else f"f{place[node.name]}" if node.name in place else "None"
            code.say(f"{name} = {where}")
            if node.kind == "flat":
                value = name
                if path and node.steps:
                    value = code.new()
                    code.say(f"{value} = None if {name} is UNSET else {name}")
                if node.is_text:
                    self.sure.add(value)
                self.values |= dict.fromkeys(node.steps, value)
            elif node.kind == "told":
                self._read_told(node)
            elif node.kind == "entries":
                self._read_entries(node)
            elif node.kind == "memo":
                self._read_memo(node, is_top=not path)
            else:
                code.say(f"if {name} is None or {name} is UNSET:")
                code.say(f"    {name} = {self.empties[node.path]}")
                self._read(node.path, node.children, name)

    def _read_memo(self, node: Node, *, is_top: bool) -> None:
        code, name, is_json, is_taken = self.code, node.variable, self.is_json, node.is_taken
        takes = [(taker(each.origin, each.column, self.mapper.facts), each.texts) for each in node.origins]
        has_bits = any(spot[: len(node.path)] == node.path for leaving in self.conditional for spot in leaving.spots)

        def made(key: Any) -> Any:
            if is_json and len(key) > DEEPEST and key.count(b"[") + key.count(b"{") > DEEPEST - len(node.path):
                raise Doubt  # the line may be nested too deep
            value = parse_json(key) if is_json else key
            record = node.record(value)
            found = [take(record) if texts is None else texts[take(record)] for take, texts in takes]
            left = Left(value, node, is_top=is_top)
            rest = "" if is_taken else left if has_bits else left[0]
            return (*found, rest) if found else rest

        memo = code.bind(Memo(made))
        variables = ", ".join([*[each.variable for each in node.origins], f"rest_{name}"])
        if not is_json:
            code.say(f"{variables} = {memo}[{name}] if {name}.__class__ is str else {memo}.make({name})")
            return
        nothing = made(b"null")
        nothing = (*nothing[:-1], Nothing() if has_bits else "") if takes else Nothing() if has_bits else ""
        code.names[memo][b""] = nothing  # of what is not there
        found = f"{variables} = {memo}[bytes({name})]"
        if self.together and (node.path in self.together or self._was_never_there(node.path)):
            self.alike[name] = found
        else:
            code.say(found)

    def _read_told(self, node: Node) -> None:
        code, name = self.code, node.variable
        if not self.is_json:
            code.say(f"if {name}.__class__ is str:")
            code.say(f"    {name} = None if is_empty({name}) else parse({name}.encode())")
            code.say(f"elif {name} is not None:")
            code.say(f"    {name} = dict({name})")
            code.say(f"if {name} is not None and {name}.__class__ is not dict:")
            code.say("    raise Doubt")
        if node.steps:
            code.say(f"get = ({name} or {{}}).get")
        for steps in node.steps:
            self.values[steps] = value = code.new()
            if len(steps) == 1:
                code.say(f"{value} = {name}")
            elif len(steps) == 2 and isinstance(steps[1], str):
                code.say(f"{value} = get({steps[1]!r})")
            elif isinstance(steps[1], str):
                walk = code.bind(walker(steps[1:]))
                code.say(f"{value} = {walk}({name}) if get({steps[1]!r}) is not None else None")
            else:
                walk = code.bind(walker(steps))
                code.say(f"{value} = {walk}({{{steps[0]!r}: {name}}})")

    def _read_entries(self, node: Node) -> None:
        code, name = self.code, node.variable
        wanted = {path[1].key: code.new() for path in node.steps if len(path) > 1}
        for path in node.steps:
            # All of it is asked for rarely.
            self.values[path] = wanted[path[1].key] if len(path) > 1 else f"parse(piece).get({path[0]!r})"
        shapes = Shapes(node, [*wanted])
        code.say(f"if {name}:")
        code.say(f"    pick, left_{name} = {code.bind(shapes)}[tuple([each.key for each in {name}])]")
        code.say(f"    {name}.append({code.bind(shapes.nothing)})")
        if wanted:
            code.say(f"    {''.join(f'{value}, ' for value in wanted.values())} = pick({name})")
        for value in wanted.values():
            code.say(f"    {value} = {value}.value")
            code.say(f"    if {value}.__class__ is dict:")
            code.say(f"        if len({value}) == 1:")
            code.say(f"            ({value},) = {value}.values()")
            code.say("        else:")
            code.say(f"            {value} = value_in({value})")
            code.say(f"    elif {value} is UNSET:")
            code.say(f"        {value} = None")
        if wanted:
            code.say("else:")
            code.say(f"    {''.join(f'{value}, ' for value in wanted.values())} = {'None, ' * len(wanted)}")

    # What is made of them

    def _value(self, origin: AnyOrigin, column: str) -> str:
        """Writes how a value is found, and gives an expression for it."""
        code = self.code
        if id(origin) in self.locals:
            return self.locals[id(origin)]
        if isinstance(origin, str):
            return self.values[(origin,)]
        value = self._source(origin.source, column)
        if not origin.transforms:
            return value
        memo = code.bind(Memo(applied(origin.transforms, column, self.mapper.numeral), LONGEST_REMEMBERED))
        name = code.new()
        if value in self.sure:
            code.say(f"{name} = {memo}[{value}] if {value} else None")
        else:
            code.say(f"{name} = {value}")
            code.say(f"{name} = None if {name} is None or {name} == '' else {memo}[{name}] "
                     f"if {name}.__class__ is str else {memo}.make({name})")  # fmt: skip
        self.sure.add(name)
        return name

    def _source(self, source: Any, column: str) -> str:
        code = self.code
        match source:
            case Field(name):
                return self.values[(name,)]
            case Path(steps, written):
                return self.values[self._steps(steps, written)]
            case Constant() | LoadDate() | FileName():
                return repr(taker(Origin(source), column, self.mapper.facts)({}))
            case First(origins):
                return self._first(origins, column)
            case Join(parts, separator):
                names = [code.new() for _ in parts]
                for place, part in enumerate(parts):
                    value = self._value(part, column)
                    if value in self.sure:
                        names[place] = value
                    else:
                        code.say(f"{names[place]} = {value}")
                odd = " or ".join(
                    f"({name}.__class__ is not str and {name} is not None and {name}.__class__ is not int)"
                    for name in names
                    if name not in self.sure
                )
                whole = code.new()
                self.sure.add(whole)
                if odd:
                    code.say(f"if {odd}:")
                    code.say("    raise Doubt")
                code.say(f"if {' or '.join(map(self._is_empty, names))}:")
                code.say(f"    {whole} = None")
                code.say("else:")
                parts_text = f"{{{code.bind(separator)}}}".join(f"{{{name}}}" for name in names)
                code.say(f'    {whole} = f"{parts_text}"')
                return whole
            case When(inner):
                holds, value = self.whens[id(source)], code.new()
                code.say(f"{value} = None")
                if not _is_choice(inner):  # what leaves with a candidate is asked for in any case
                    code.say(f"if {holds}:")
                    code.indent += 1
                    found = self._value(inner, column)
                    code.say(f"{value} = {found}")
                    code.indent -= 1
                else:
                    found = self._value(inner, column)
                    code.say(f"{value} = {found} if {holds} else None")
                self._sure_as(value, found)
                return value
        raise NotCovered

    def _ask(self, origin: AnyOrigin) -> None:
        """Finds whether the conditions of an origin hold, unless a node that finds the whole of it does that."""
        if isinstance(origin, str):
            return
        leaving = {id(when) for each in self.conditional for when in each.whens}
        if id(origin) in self.locals and id(origin.source) not in leaving:
            return
        match origin.source:
            case First(several) | Join(several):
                for each in several:
                    self._ask(each)
            case When(inner, condition):
                self._ask(condition.origin)
                self._ask(inner)
                test = self._test(condition)
                self.whens[id(origin.source)] = holds = self.code.new()
                self.code.say(f"{holds} = {test}")

    def _first(self, origins: Sequence[AnyOrigin], column: str) -> str:
        """The first that is not empty. Those of which it must be known whether they leave are found in any case."""
        code = self.code
        found = {}
        for each in origins[1:]:
            if id(each) in self.asked:
                value = self._value(each, column)
                found[id(each)] = self.asked[id(each)] = code.new()
                code.say(f"{found[id(each)]} = {value}")
                self._sure_as(found[id(each)], value)
        chosen, depth, last = code.new(), code.indent, ""
        are_sure = True
        for number, each in enumerate(origins):
            if number:
                code.say(f"if {self._is_empty(chosen, last)}:")
                code.indent += 1
            last = found.get(id(each)) or self._value(each, column)
            are_sure = are_sure and last in self.sure
            code.say(f"{chosen} = {last}")
        code.say(f"if {self._is_empty(chosen, last)}:")
        code.say(f"    {chosen} = None")
        code.indent = depth
        if are_sure:
            self.sure.add(chosen)
        self.chosen[tuple(map(id, origins))] = chosen
        return chosen

    def _sure_as(self, name: str, value: str) -> None:
        if value in self.sure:
            self.sure.add(name)

    def _is_empty(self, name: str, same: str = "") -> str:
        """Whether a value is null or blank. `same`: another variable with the value."""
        return _is_empty(name, is_text=name in self.sure or same in self.sure)

    def _test(self, condition: Condition) -> str:
        value = self._value(condition.origin, str(condition.origin))
        test = f"{self.code.bind(value_test(condition))}({value})"
        if condition.one_of is not None and value.isidentifier():
            among = f"{value} in {self.code.bind(condition.one_of)}"
            test = among if value in self.sure else f"({among} if {value}.__class__ is str else {test})"
        return f"{'not ' * condition.is_not}{test}"

    def _derive(self) -> None:
        """What the kinds do that read the same line: each leaves it out, or takes the record."""
        code, depth = self.code, self.code.indent
        for kind in self.derived:
            this, record_of, is_out = code.bind(kind), code.bind(self.record_of), code.new()
            for number, condition in enumerate(kind.contract.skip):
                if number:
                    code.say(f"if not {is_out}:")
                    code.indent += 1
                test = self._test(condition)
                code.say(f"{is_out} = {test}")
            code.indent = depth
            code.say(f"if {is_out}:")
            code.say(f"    {this}.leave_out()")
            code.say("else:")
            code.say(f"    {this}.take(n, {record_of}(landed), landed)")

    def _cells(self) -> dict[str, str]:
        """For each column what stands for its text in the row: a text, or {variable}."""
        code = self.code
        cells: dict[str, str] = {}
        values: dict[str, str] = {}
        for column, kind in self.contract.target.columns.items():
            source = self.mapper.sources.get(column)
            if column in self.texts:
                cells[column] = f"{{{self.texts[column]}}}"
                continue
            if source is None:
                cells[column] = self.mapper.blank[self.mapper.place[column]].replace("\\", r"\\")
                continue
            if source.origin is None:
                value = repr(source.constant)
            elif (value := values.get(source.told)) is None:
                value = self._value(source.origin, column)
                if not value.isidentifier():
                    code.say(f"{(name := code.new())} = {value}")
                    value = name
                values[source.told] = value
            text = self._text(column, kind, value, source.texts)
            code.say(f"c_{column} = {text}")
            cells[column] = f"{{c_{column}}}"
        return cells

    def _text(self, column: str, kind: str, value: str, texts: Texts) -> str:
        code = self.code
        known = f"{code.bind(texts)}[{value}]"
        if not value.isidentifier() or texts.transform is not None:
            return known
        if kind in (TEXT, ID) and texts.is_plain is not None and column in TAKES_LONG:
            prefix = f"{code.bind(texts.prefix)} + " if texts.prefix else ""
            colon = f" and ':' not in {value}" if kind == ID and not texts.prefix else ""
            if self.is_json and not self.is_clean:
                return known
            is_clean = "" if self.is_json else f" and {value}.isprintable() and '\\\\' not in {value}"
            is_text = value if value in self.sure else f"{value}.__class__ is str"
            # What begins with a letter or a digit is not blank.
            return (
                f"{prefix}{value} if {is_text} and '!' <= {value} and len({value}) <= {LONGEST_ID // 4}"
                f"{is_clean}{colon} else {known}"
            )
        if kind == TIMESTAMP and column == self.contract.target.moment:
            return self._moment(column, value, known)
        if kind == NUMBER:
            limit = LIMITS[column]
            return f"repr({value}) if {value}.__class__ is float and -{limit} < {value} < {limit} else {known}"
        return known

    def _moment(self, column: str, value: str, known: str) -> str:
        code, mapper = self.code, self.mapper
        form, _ = form_of(self.contract, column)
        is_text = value if value in self.sure else f"{value}.__class__ is str"
        hours = code.bind(Hours(mapper.earliest, mapper.latest))
        if form == ISO:
            is_utc = code.bind(UTC_TIMESTAMP.fullmatch)
            return (
                f"{value} if {is_text} and {is_utc}({value}) and {hours}[{value}[:13]] "
                f"and {value}[14] < '6' and {value}[17] < '6' else {known}"
            )
        if form in UNIX:
            # The last digits are parts of a second.
            digits = len(str(UNIX["unix_seconds"] // UNIX[form])) - 1
            text, second, part = code.new(), code.new(), code.new()
            if value in self.sure:
                text = value
            else:
                code.say(f"{text} = str({value}) if {value}.__class__ is int else {value}")
            is_whole = f"{text}.isdecimal() and {text}.isascii() and len({text}) > {digits}"
            code.say(f"if {text if text == value else f'{text}.__class__ is str'} and {is_whole}:")
            code.say(f"    {second} = int({text}[:{-digits or None}])")
            code.say(f"    {part} = {f'{text}[-{digits}:]' if digits else repr('')}")
            zeros = "0" * (6 - digits)
            whole = f"{{{hours}[{second} // 3600]}}{{{code.bind(SECONDS)}[{second} % 3600]}}"
            code.say(f"    if {part} == {'0' * digits!r}:")
            code.say(f"        {part} = f'{whole}+00:00'")
            code.say("    else:")
            code.say(f"        {part} = f'{whole}.{{{part}}}{zeros}+00:00'")
            code.say("else:")
            code.say(f"    {part} = {known}")
            return part
        return known

    def _bits(self) -> None:
        """Which later candidates leave: those that are empty, and those that say the same as the chosen one."""
        for leaving in self.conditional:
            if any(id(when) not in self.whens for when in leaving.whens):  # a node finds the whole of it
                raise NotCovered
            tests, bit = [self.whens[id(when)] for when in leaving.whens], self.code.new("b")
            if leaving.candidate is not None:
                several, value = tuple(map(id, leaving.first.source.origins)), self.asked[id(leaving.candidate)]
                if several not in self.chosen:
                    raise NotCovered
                chosen = self.chosen[several]
                is_same = f"({value}.__class__ is {chosen}.__class__ and {value} == {chosen})"
                if value in self.sure and chosen in self.sure:
                    is_same = f"{value} == {chosen}"
                tests.append(f"({self._is_empty(value)} or {is_same})")
            self.code.say(f"{bit} = {' and '.join(tests)}")
            for spot in leaving.spots:
                self._node(spot).bits.append((bit, spot))

    def _check(self, cells: dict[str, str]) -> None:
        code = self.code
        needed = [column for _, column in self.mapper.needed]
        if "properties" in {*needed, *[rule.column for _, rule, _ in self.mapper.rules]}:
            raise NotCovered
        code.say(f"if {' or '.join(f'{_expression(cells[column])} == NULL' for column in needed)}:")
        code.say("    raise Doubt")
        for _, rule, one_of in self.mapper.rules:
            cell = _expression(cells[rule.column])
            when = "" if rule.when is None else f"c_event_type in {code.bind(rule.when)} and "
            wrong = [f"float({cell}) <= 0"] if rule.positive else []
            wrong += [] if one_of is None else [f"{cell} not in {code.bind(one_of)}"]
            if rule.required:
                code.say(f"if {when}{cell} == NULL:")
                code.say("    raise Doubt")
            if wrong:
                code.say(f"if {when}{cell} != NULL and ({' or '.join(wrong)}):")
                code.say("    raise Doubt")

    # What stays. Each piece of an object ends with a comma; the last one is taken off at the end.

    def _properties(self) -> str:
        code = self.code
        text = code.new("p")
        if self.told is None:
            pieces, tail = self._pieces(self.nodes, is_top=True)
            if tail:
                self.direct = tail, f"{{{{{pieces}{{{tail}}}}}}}"
                code.say(f"if not {tail}:")
                code.indent += 1
            code.say(f"{text} = f'{pieces}'")
            code.say(f"{text} = f'{{{{{{{text}[:-1]}}}}}}' if {text} else NULL")
            code.indent = 1
            return text
        told = self.nodes[self.told]
        name = told.variable
        if any(spot == told.path for spot in told.spots):
            raise NotCovered
        leaving = [*[(None, spot) for spot in told.spots], *told.bits]
        deep = {spot[1] for _, spot in leaving if len(spot) > 2}
        prune = f"{code.bind(Numbered(lambda chosen: pruner(told.tree(chosen))))}[{_number(told)}]({name})"
        if not all(isinstance(spot[1], str) for _, spot in leaving):
            code.say(f"if {name}:")
            code.say(f"    {name} = {prune}")
        else:
            if deep:
                code.say(f"if {name} and ({' or '.join(f'{each!r} in {name}' for each in sorted(deep))}):")
                code.say(f"    {name} = {prune}")
            code.say(f"{'el' if deep else ''}if {name}:")  # it was made for this line, and can be taken apart
            code.say(f"    pop = {name}.pop")
            for bit, spot in leaving:
                if spot[1] not in deep:
                    code.say(f"    if {bit}: pop({spot[1]!r}, None)" if bit else f"    pop({spot[1]!r}, None)")
            code.say(f"    {name} = {name} or None")
        pieces, tail = self._pieces(self.nodes, is_top=True)
        kept = [node.name for node in self.nodes.values() if node is not told and not node.is_taken]
        is_apart = f"{code.bind(frozenset(kept))}.isdisjoint({name})"
        code.say(f"told = {self._as_text(name)}[1:-1] + ',' if {name} else ''")
        if tail:
            self.direct = "is_direct", f"{{{{{pieces}{{told}}{{{tail}}}}}}}"
            code.say(f"is_direct = {tail} and (not told or {is_apart})")
            code.say("if not is_direct:")
            code.indent += 1
        code.say(f"{text} = f'{pieces}'" + (f" + ({tail} and {tail} + ',')" if tail else ""))
        code.say(f"if told and not {is_apart}:")
        code.say("    " + (f"{text} = {code.bind(_renamed)}({text}, {name})" if kept else "raise Doubt"))
        code.say(f"{text} += told")
        code.say(f"{text} = '{{' + {text}[:-1] + '}}' if {text} else '{{}}' if {name} is not None else NULL")
        code.indent = 1
        return text

    def _pieces(self, nodes: dict[str, Node], *, is_top: bool) -> tuple[str, str]:
        """Writes what is left of an object, as the inside of an f-string.

        The variable is what comes last, if anything: what is remembered together, without the comma at its end. It is
        "" where nothing is.
        """
        code = self.code
        texts, tail = [], ""
        alike = [
            f"{{rest_{node.variable}}}"
            for node in nodes.values()
            if node.kind == "memo" and not node.bits and not node.is_taken and node.variable in self.alike
        ]
        if alike:
            tail = code.new("tail")
            code.say(f"{tail} = f'{''.join(alike)}'[:-1]")
        for node in nodes.values():
            name = node.variable
            if node.kind == "told" or node.is_taken or f"{{rest_{name}}}" in alike:
                continue
            if node.kind == "flat":
                # At the top, what is empty says nothing. Below, it stays as it is.
                is_there = f"{name} is not None and {name} != ''" if is_top else f"{name} is not UNSET"
                is_there += "".join(f" and not {bit}" for bit, _ in node.bits)
                label = _label(node.name)
                piece = f"piece_of({label!r}, {name})"
                if self.is_json and self.is_clean:
                    as_it_is = f"{label + chr(34)!r} + {name} + '\",'"
                    if is_top and node.is_text:
                        is_there, piece = name + "".join(f" and not {bit}" for bit, _ in node.bits), as_it_is
                    else:
                        piece = f"({as_it_is} if {name}.__class__ is str else {piece})"
                code.say(f"piece_{name} = {piece} if {is_there} else ''")
                texts.append(f"piece_{name}")
            elif node.kind == "memo":
                texts.append(f"rest_{name}")
                if node.bits:
                    texts[-1] = code.new("left")
                    code.say(f"{texts[-1]} = rest_{name}[{_number(node)}]")
            elif node.kind == "entries":
                texts.append(self._of_entries(node))
            else:
                (inner, last), empty = self._pieces(node.children, is_top=False), self.empties[node.path]
                label = _label(node.name)
                if last:
                    code.say(f"if {last}:")
                    code.say(f"    piece_{name} = f'{{{code.bind(label)}}}{{{{{inner}{{{last}}}}}}},'")
                    code.say("else:")
                    code.indent += 1
                code.say(f"piece_{name} = f'{inner}'")
                code.say(f"piece_{name} = {label + '{'!r} + piece_{name}[:-1] + '}},' if piece_{name} else "
                         f"'' if {name} is {empty} or {name} != {empty} else {label + '{},'!r}")  # fmt: skip
                code.indent = 1
                texts.append(f"piece_{name}")
        return "".join(f"{{{text}}}" for text in texts), tail

    def _as_text(self, name: str) -> str:
        """An expression for an object or array as JSON for COPY."""
        return f"encode({name}).decode()" if self.is_json and self.is_clean else f"text_of({name})"

    def _of_entries(self, node: Node) -> str:
        code, name, label = self.code, node.variable, _label(node.name)
        code.say(f"if not {name}:")
        code.say(f"    piece_{name} = '' if {name} is None else {label + '[],'!r}")
        code.say("else:")
        code.say(f"    left = left_{name}[{_number(node)}]({name})")
        code.say(f"    piece_{name} = {label!r} + {self._as_text('left')} + ',' if left else ''")
        return f"piece_{name}"


def _entry(node: Node) -> type[msgspec.Struct]:
    """An element of an array of keys and values."""
    (step, *_) = [each[1] for each in [*node.steps, *node.spots] if len(each) > 1]
    return msgspec.defstruct(
        "Entry",
        [("key", str), ("value", dict[str, Scalar] | Scalar, UNSET)],
        rename={"key": step.key_name, "value": step.value_name},
        forbid_unknown_fields=True,
        gc=False,
    )


class Shapes(dict):
    """For the keys of an array of entries: how those that are wanted are picked, and those that are left.

    Both are functions of the array with `nothing` behind it; what is left depends on which candidates leave.
    """

    def __init__(self, node: Node, wanted: list[str]) -> None:
        super().__init__()
        self._node, self._wanted = node, wanted
        self.nothing = node.entry("", None)

    def __missing__(self, keys: tuple[str, ...]) -> tuple[Callable[[list], Sequence], "Numbered"]:
        made = self._places(keys) if len(set(keys)) == len(keys) else self._by_key()
        if len(self) < MOST_SHAPES and sum(map(len, keys)) <= LONGEST_PIECE:
            self[keys] = made
        return made

    def gone(self, chosen: int) -> frozenset[str]:
        return frozenset(spot[1].key for spot in self._node.leaving(chosen))

    def _places(self, keys: tuple[str, ...]) -> tuple[Callable[[list], Sequence], "Numbered"]:
        place = {key: number for number, key in enumerate(keys)}
        wanted = [place.get(key, len(keys)) for key in self._wanted]
        return _picker(wanted), Numbered(
            lambda chosen: _picker([place[key] for key in keys if key not in self.gone(chosen)])
        )

    def _by_key(self) -> tuple[Callable[[list], Sequence], "Numbered"]:
        """A key stands twice: the first that has a value is meant."""

        def pick(entries: list) -> Sequence:
            get = {each.key: each for each in reversed(entries) if _value_in(each.value) is not None}.get
            return [get(key, self.nothing) for key in self._wanted]

        return pick, Numbered(lambda chosen: lambda entries: _left_entries(entries[:-1], self.gone(chosen)))


def _picker(places: list[int]) -> Callable[[list], Sequence]:
    """A function from a list to what it holds at these places."""
    if len(places) < 2:
        return lambda entries: [entries[place] for place in places]
    return operator.itemgetter(*places)


class Left(dict):
    """What is left of a remembered object, as a piece of the object that holds it, by which candidates leave it."""

    def __init__(self, value: Any, node: Node, *, is_top: bool) -> None:
        super().__init__()
        self._value, self._node, self._is_top = value, node, is_top

    def __missing__(self, chosen: int) -> str:
        node, value = self._node, self._value
        more = ()
        if node.finders:
            record = node.record(value)
            more = tuple(itertools.chain(*[find(record) for find in node.finders]))
        prune = node.prune(chosen, more)
        left = value if prune is None else prune(value)
        # At the top, what is empty says nothing. Below, a null is only gone where something was to leave it.
        is_nothing = (left is None or left == "") if self._is_top else (left is None and prune is not None)
        self[chosen] = text = "" if is_nothing else _piece_of(node.name, left)
        return text


class Nothing(dict):
    """What is left of an object that is not there."""

    def __missing__(self, chosen: int) -> str:
        return ""


class Numbered(dict):
    """What is made of a number, by number."""

    def __init__(self, make: Callable[[int], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: int) -> Any:
        self[key] = made = self._make(key)
        return made


def _nothing_left(value: Any) -> None:
    """What is left of a value that leaves as a whole."""


def _value_in(value: Any) -> Any:
    """What an entry says by its value, which may stand in an object by its type."""
    if value.__class__ is dict:
        for each in value.values():
            if each is not None:
                return each
        return None
    return None if value is UNSET else value


def _left_entries(entries: list[Any], taken: frozenset[str]) -> list[Any]:
    """Without the first that has a value, of each key that is taken, and without those that have none."""
    seen: set[str] = set()
    left = []
    for entry in entries:
        if entry.key in taken:
            if _value_in(entry.value) is None:
                continue
            if entry.key not in seen:
                seen.add(entry.key)
                continue
        left.append(entry)
    return left


def _can_be_named(name: str) -> bool:
    """Whether the decoder takes a field of this name."""
    return not any(character < " " or character in '"\\' for character in name)


def _text_of(value: Any) -> str:
    """An object or array as JSON for COPY."""
    text = _encode(value).decode()
    if "\\" in text:  # JSON writes control characters with one, too
        if "\\u0000" in text:
            raise Doubt
        return text.replace("\\", "\\\\")
    return text


def _piece_of(name: str, value: Any) -> str:
    return _text_of({name: value})[1:-1] + ","


def _plain_piece(label: str, value: Any) -> str:
    """A piece of an object, whose name is written already."""
    if value.__class__ is int:
        return f"{label}{value},"
    return f"{label}{_encode(value).decode()}," if value.__class__ is bool else label + _text_of([value])[1:-1] + ","


def _label(name: str) -> str:
    return _text_of({name: 0})[1:-2]


def _renamed(pieces: str, told: dict[str, Any]) -> str:
    """The pieces of an object with other names for those that stand in what a producer tells in `properties`."""
    kept = parse_json(f"{{{pieces[:-1]}}}".replace("\\\\", "\\").encode())
    return "".join(_piece_of(f"{name} (2)" if name in told else name, value) for name, value in kept.items())


def _is_choice(origin: AnyOrigin) -> bool:
    """Whether there is a `first` in an origin."""
    match origin.source if isinstance(origin, Origin) else None:
        case First():
            return True
        case Join(parts):
            return any(map(_is_choice, parts))
        case When(inner):
            return _is_choice(inner)
    return False


def _number(node: Node) -> str:
    """The bits of a node as an expression for one number."""
    return " | ".join(f"{bit} << {place}" for place, (bit, _) in enumerate(node.bits)) or "0"


def _is_empty(name: str, *, is_text: bool = False) -> str:
    """Whether a value is null or blank. Only what is less than an exclamation mark can be blank."""
    if is_text:
        return f"(not {name} or ({name} < '!' and is_empty({name})))"
    return f"({name} is None or ({name}.__class__ is str and {name} < '!' and is_empty({name})))"


def _expression(cell: str) -> str:
    """What stands in a row as an expression."""
    return cell[1:-1] if cell.startswith("{") else repr(cell.replace(r"\\", "\\"))
