"""Records to canonical rows in COPY's text format, as a file's contract says.

`Mapper` is the definition: it takes any record, and either gives a row or says exactly what is wrong. `fast_events.py`
gives the same rows for well-formed events, some five times faster.
"""

import datetime
import hashlib
import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ingestion.contracts import Dialect, FileContract
from ingestion.errors import Rejected
from ingestion.extracts import extract_columns
from ingestion.json_text import encode, json_type, jsonb_text, parse_json
from ingestion.origins import (
    BLANK,
    LONGEST_REMEMBERED,
    REMEMBERED,
    AnyOrigin,
    FileFacts,
    FileName,
    LoadDate,
    Origin,
    Prune,
    Spot,
    Take,
    fixed_spots,
    flat_names,
    is_empty,
    parse_path,
    pruner,
    spots_finder,
    spots_state,
    spots_tree,
    taker,
    walker,
    without,
)
from ingestion.targets import (
    ACTIVITY,
    EVENT_NAME,
    EVENT_TYPE,
    ID,
    INTEGER,
    LIMITS,
    LONGEST_ID,
    NUMBER,
    OPERATION,
    TEXT,
    TIMESTAMP,
)
from ingestion.times import ISO, UNIX, UTC, UTC_TIMESTAMP, moment_reader
from ingestion.transforms import Apply, applied
from ingestion.vocabulary import CUSTOM

NULL = r"\N"

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Mapper:
    """Maps the records of one file of one load day. Every answer is a function of the record, the contract, the file's
    name and the load day alone.

    What each column needs is put together once, as a function from a record to the column's text for COPY.
    """

    def __init__(self, contract: FileContract, load_date: datetime.date, file_no: int, file_name: str = "") -> None:
        self.contract = contract
        target = contract.target
        self.is_events = target.name == "user_events"
        self.has_key = all(column in contract.columns for column in target.key)
        self.arrival = f"{load_date}\t{file_no}\t"
        self.earliest, self.latest = bounds(contract, load_date)
        self.prefix = f"{contract.namespace}:" if contract.namespace else ""
        self.event_names = EventNames(contract)
        self.numeral = numeral_rule(contract.dialect)
        self.codes = {column: code for column in target.columns if (code := text_rule(contract, column))}
        self.moments = {
            column: reader_of(contract, column) for column, kind in target.columns.items() if kind == TIMESTAMP
        }
        self.are_iso = {column for column in self.moments if form_of(contract, column)[0] == ISO}
        self.facts = facts = FileFacts(file_name, load_date, self.numeral)
        self.rest = Rest(contract, facts)
        self._skips = [condition.holds(facts) for condition in contract.skip]
        self._convert = {
            TEXT: self._text,
            ID: self._id,
            TIMESTAMP: self._timestamp,
            NUMBER: self._number,
            INTEGER: self._integer,
            OPERATION: self._operation,
            EVENT_TYPE: self._event_type,
            EVENT_NAME: self._event_name,
            ACTIVITY: self._activity,
        }
        self._takers: dict[str, Take] = {}
        self.sources: dict[str, ColumnSource] = {}
        # The cells of a row, in the order of the columns; and what fills those that can have a value.
        self.blank = [NULL] * len(target.columns)
        self.place = {column: number for number, column in enumerate(target.columns)}
        for column, text in extract_columns(contract, load_date).items():
            self.blank[self.place[column]] = text
        fills = {
            column: fill
            for column, kind in target.columns.items()
            if kind in self._convert and (fill := self._fill(column, kind, facts)) is not None
        }
        # Most columns come from a field of the record as it is: place, field, texts. Others come from a function of
        # the record, which several columns may share: function, places and texts.
        self._fields = [
            (self.place[column], take, texts) for column, (take, texts) in fills.items() if isinstance(take, str)
        ]
        others: dict[Take, list[tuple[int, Texts]]] = {}
        for column, (take, texts) in fills.items():
            if not isinstance(take, str):
                others.setdefault(take, []).append((self.place[column], texts))
        self._others = list(others.items())
        key = ("event_id",) if self.is_events and self.has_key else ()
        self._needed_by_deletions = [(self.place[column], column) for column in (*key, *target.required)]
        needed = dict.fromkeys((*key, *target.required, *contract.required))
        self.needed = [(self.place[column], column) for column in needed]
        self.sought = self._sought(needed)
        self.rules = [
            (self.place[rule.column], rule, rule.one_of and {one.translate(ESCAPES) for one in rule.one_of})
            for rule in contract.rules
        ]
        self._actor, self._user, self._visitor, self._type, self._session, self._is_session, self._event_id = (
            self.place.get(column)
            for column in (
                *("actor_id", "user_id", "anonymous_id", "event_type", "session_id", "is_producer_session", "event_id"),
            )
        )
        self._op, self._properties_place = self.place.get("op"), self.place["properties"]

    def _sought(self, needed: Iterable[str]) -> list[tuple[tuple[str, ...], tuple[AnyOrigin, ...]]]:
        """What every row needs of its record: columns, of which one must have a value, and where they come from."""
        columns, defaults = self.contract.columns, self.contract.defaults
        actors = tuple(column for column in ("user_id", "anonymous_id") if column in columns)
        groups = [(column,) for column in needed] + ([actors] if self.is_events else [])
        return [
            (group, tuple(columns[column] for column in group))
            for group in groups
            if all(column in columns and column not in defaults for column in group)
            and self.blank[self.place[group[0]]] == NULL
        ]

    def skips(self, record: dict[str, Any]) -> bool:
        """Whether the contract leaves such a record out. Raises `Rejected`."""
        return any(is_left_out(record) for is_left_out in self._skips)

    def row(self, line_no: int, record: dict[str, Any]) -> str:
        """The row of one record, field to value. Raises `Rejected`."""
        cells = self.blank.copy()
        field = record.get
        try:
            for place, name, texts in self._fields:
                cells[place] = texts[field(name)]
            for take, several in self._others:
                value = take(record)
                for place, texts in several:
                    cells[place] = texts[value]
        except TypeError:  # an object or an array, which no dictionary knows
            for place, name, texts in self._fields:
                cells[place] = texts.of(field(name))
            for take, several in self._others:
                value = take(record)
                for place, texts in several:
                    cells[place] = texts.of(value)
        properties = self.rest.properties(record)
        if properties is not None:
            cells[self._properties_place] = "{}"  # it is there; its text takes time
        self._check(cells)
        if properties is not None:
            cells[self._properties_place] = jsonb_text(properties).translate(ESCAPES)
        if self.is_events:
            user, visitor = cells[self._user], cells[self._visitor]
            cells[self._actor] = visitor if user == NULL else user
            is_session = self.contract.producer_sessions and cells[self._session] != NULL
            cells[self._is_session] = "t" if is_session else "f"
            if not self.has_key:
                cells[self._event_id] = content_hash(self.contract.source, record)
        values = "\t".join(cells)
        return f"{self.arrival}{line_no}\t{self.contract.source}\t{values}\n"

    def _fill(self, column: str, kind: str, facts: FileFacts) -> "tuple[str | Take, Texts] | None":
        """Where a column's value comes from, a field or a function of the record, and its texts; None: from nowhere."""
        # What is made of the producer's name of an event comes from the same place as the event's type.
        told = "event_type" if kind in (EVENT_NAME, ACTIVITY) else column
        origin, default = self.contract.columns.get(told), self.contract.defaults.get(told)
        constant = self.contract.constants.get(told)
        null, convert = self.blank[self.place[column]], self._convert[kind]
        if column == "op" and self.contract.deleted_when is not None:
            is_deleted = self.contract.deleted_when.holds(facts)
            return lambda record: "delete" if is_deleted(record) else "upsert", Texts(convert, column, None, null)
        if origin is None and constant is None and default is None:
            return None
        # A number is the same text again and again; an id of an event and a time are not.
        is_remembered = kind != TIMESTAMP and column != "event_id"
        texts = Texts(convert, column, default, null, REMEMBERED if is_remembered else 0)
        texts.needs_escapes = kind not in (TIMESTAMP, NUMBER, INTEGER, OPERATION)
        if kind in (TEXT, ID) and column not in self.codes:
            texts.prefix = self.prefix if kind == ID else ""
            texts.is_plain = _is_plain if kind == TEXT or self.prefix else _is_plain_without_colon
        if isinstance(origin, Origin) and origin.transforms:
            texts.transform = applied(origin.transforms, told, self.numeral)
            origin = Origin(origin.source)
        self.sources[column] = ColumnSource(told, origin, constant, texts)
        if origin is None:
            return lambda record: constant, texts
        if not isinstance(origin, str) and told not in self._takers:
            self._takers[told] = taker(origin, told, facts)
        return origin if isinstance(origin, str) else self._takers[told], texts

    def _check(self, cells: list[str]) -> None:
        is_delete = self._op is not None and cells[self._op] == "delete"
        for place, column in self._needed_by_deletions if is_delete else self.needed:
            if cells[place] == NULL:
                raise self._missing(column)
        if self.is_events and cells[self._user] == NULL and cells[self._visitor] == NULL:
            raise Rejected("map", "missing_value", "neither user_id nor anonymous_id: whose event is it?")
        for place, rule, one_of in self.rules:
            if is_delete or (rule.when is not None and cells[self._type] not in rule.when):
                continue
            value = cells[place]
            if value == NULL:
                if rule.required:
                    raise self._missing(rule.column, stage="rule")
            elif rule.positive and float(value) <= 0:
                raise Rejected("rule", "invalid_value", f"{rule.column} is {value}, not above zero")
            elif one_of is not None and value not in one_of:
                allowed = ", ".join(sorted(rule.one_of))
                raise Rejected("rule", "invalid_value", f"{rule.column} is {_shown(value)}, none of {allowed}")

    def _missing(self, column: str, stage: str = "map") -> Rejected:
        origin = self.contract.columns.get(column, column)
        return Rejected(stage, "missing_value", f"{origin} is missing, null or blank (column {column})")

    def _text(self, column: str, value: Any) -> str:
        value = self._plain_text(column, value)
        if column in self.codes:
            value = self.codes[column](value)
        if column == "event_id":
            self._check_length(column, value)
        return value

    def _plain_text(self, column: str, value: Any) -> str:
        if type(value) is int:  # ids and codes may be whole numbers
            value = str(value)
        if not isinstance(value, str):
            raise Rejected("map", "invalid_value", f"{column} is {json_type(value)}, not a text")
        if "\0" in value:
            raise Rejected("map", "nul_byte", f"{column} holds the character U+0000")
        return value

    def _event_type(self, column: str, value: Any) -> str:
        return self._named(column, value)[1]

    def _event_name(self, column: str, value: Any) -> str:
        return self._named(column, value)[0]

    def _activity(self, column: str, value: Any) -> str:
        return self._named(column, value)[2]

    def _named(self, column: str, value: Any) -> tuple[str, str, str]:
        """The event's name, type, and whether it is activity."""
        written = self._plain_text(column, value)
        self._check_length(column, written)
        try:
            return self.event_names[written]
        except KeyError:
            raise Rejected(
                "map",
                "unknown_event_type",
                f"{_shown(written)} is neither among event_types nor among custom_events"
                f" of the contract of {self.contract.source}",
            ) from None

    def _id(self, column: str, value: Any) -> str:
        text = self._text(column, value)
        self._check_length(column, text)
        if not self.prefix and ":" in text and column in ("user_id", "anonymous_id"):
            return f":{text}"  # of no namespace: it must not pass for an id of another producer's
        return self.prefix + text

    def _check_length(self, column: str, value: str) -> None:
        if len(value.encode()) > LONGEST_ID:
            raise Rejected("map", "invalid_value", f"{column} is longer than {LONGEST_ID} bytes")

    def _timestamp(self, column: str, value: Any) -> str:
        moment = self.moments[column](column, value)
        if column == self.contract.target.moment:
            if moment < self.earliest:
                raise Rejected("map", "ancient_timestamp", f"{column} is {moment}, before {self.earliest}")
            if moment >= self.latest:
                raise Rejected("map", "future_timestamp", f"{column} is {moment}, not before {self.latest}")
        # As it is written, where PostgreSQL reads it so, too: to write it again takes time.
        is_same = type(value) is str and UTC_TIMESTAMP.fullmatch(value) and column in self.are_iso
        return value if is_same else str(moment)

    def _number(self, column: str, value: Any) -> str:
        if isinstance(value, str) and _NUMBER.fullmatch(number := self.numeral(value.strip(BLANK))):
            value = float(number)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Rejected("map", "invalid_value", f"{column} is {_shown(value)}, not a number")
        if not -LIMITS[column] < value < LIMITS[column]:
            raise Rejected("map", "invalid_value", f"{column} is {_shown(value)}, too large")
        return repr(float(value))

    def _integer(self, column: str, value: Any) -> str:
        number = float(self._number(column, value))
        if number != int(number):
            raise Rejected("map", "invalid_value", f"{column} is {_shown(value)}, not a whole number")
        return str(int(number))

    def _operation(self, column: str, value: Any) -> str:
        value = self._text(column, value)
        if value not in ("upsert", "delete"):
            raise Rejected("map", "invalid_value", f"{column} is {_shown(value)}, neither upsert nor delete")
        return value


@dataclass(frozen=True)
class ColumnSource:
    """Where the value of a column comes from, and its texts.

    Attributes:
        told: the column of which the contract says so; what is made of the name of an event comes from `event_type`.
        origin: without its last transforms, which `texts` knows; None: it is `constant`, or null.
    """

    told: str
    origin: AnyOrigin | None
    constant: str | None
    texts: "Texts"


class Texts(dict):
    """The texts of a column for COPY, by value. They are made as values occur; those of texts are remembered.

    Args:
        default: what stands in for a value that is null or blank.
        null: the text of no value.
        most: how many are remembered.
    """

    def __init__(
        self, convert: Callable[[str, Any], str], column: str, default: str | None, null: str, most: int = 10
    ) -> None:
        super().__init__()
        self._convert, self._column, self._default, self._null, self._most = convert, column, default, null, most
        # Where most values need nothing but a prefix: whether a text is one of these.
        self.prefix: str = ""
        self.is_plain: Callable[[str], bool] | None = None
        self.transform: Apply | None = None
        self.needs_escapes = True

    def __missing__(self, value: Any) -> str:
        text = self.of(value)
        if len(self) < self._most and (value is None or (type(value) is str and len(value) <= LONGEST_REMEMBERED)):
            self[value] = text
        return text

    def of(self, value: Any) -> str:
        """The text of any value, whether a dictionary can know it or not. Raises `Rejected`."""
        if self.transform is not None and value is not None and value != "":
            value = self.transform(value)
        if self.is_plain is not None and type(value) is str and self.is_plain(value):
            return self.prefix + value
        if value is None or (type(value) is str and not value.strip(BLANK)):
            value = self._default
        if value is None:
            return self._null
        text = self._convert(self._column, value)
        return text.translate(ESCAPES) if self.needs_escapes else text


def _is_plain(text: str) -> bool:
    """Whether a text is not blank, of a length that no id exceeds, and means itself in COPY."""
    # What can be printed holds no control character and no blank but the space; a character has up to four bytes.
    return 0 < len(text) <= LONGEST_ID // 4 and text.isprintable() and "\\" not in text and not text.isspace()


def _is_plain_without_colon(text: str) -> bool:
    return ":" not in text and _is_plain(text)


class Rest:
    """What is kept of a record in `properties`: the object that is mapped there, and what no column takes."""

    def __init__(self, contract: FileContract, facts: FileFacts) -> None:
        origins = {column: origin for column, origin in contract.columns.items() if column != "properties"}
        fixed = {column: fixed_spots(origin) for column, origin in origins.items()}
        ignored = [spot for name in contract.ignore for spot in {(name,), *_nested(name)}]
        self._fixed = [*itertools.chain(*[spots for spots in fixed.values() if spots]), *ignored]
        # The places of the others follow from which flat fields there are, and from the states of these origins.
        others = {column: origin for column, origin in origins.items() if fixed[column] is None}
        self._finders = [spots_finder(origin, column, facts) for column, origin in others.items()]
        self._flat = frozenset(itertools.chain(*map(flat_names, others.values())))
        self._states = [
            state for column, origin in others.items() if (state := spots_state(origin, column, facts)) is not None
        ]
        self._trees: dict[Any, tuple[frozenset[str], Prune | None]] = {}
        # What no column takes of a line stays with the kind of file that the line is counted for.
        self._keeps_rest = contract.derived_from is None
        mapped = contract.columns.get("properties")
        self._mapped_spot = None if mapped is None else spots_finder(mapped, "properties", facts)
        self._default = contract.defaults.get("properties")

    def properties(self, record: dict[str, Any]) -> dict[str, Any] | None:
        """The object, or None where nothing is left. Raises `Rejected`."""
        if not self._keeps_rest and self._mapped_spot is None:
            return None
        names = record.keys()
        key: Any = tuple([state(record) for state in self._states]) if self._states else ()
        if not self._flat.isdisjoint(names):
            key = (frozenset(self._flat & names), key)
        if (known := self._trees.get(key)) is None:
            known = self._split(itertools.chain(*[find(record) for find in self._finders]))
            if len(self._trees) < REMEMBERED:
                self._trees[key] = known
        whole, tree = known
        left = {name: record[name] for name in names - whole}
        if tree:
            left = tree(left) or {}
        told = None
        if self._mapped_spot is not None:
            (spot,) = self._mapped_spot(record)
            if len(spot) == 1:
                told = left.pop(spot[0], None)
            else:
                told = walker(spot)(left)
                left = without(left, spots_tree([spot])) or {}
        extra: dict[str, Any] = {}
        if self._keeps_rest:
            extra = {name: value for name, value in left.items() if value is not None and value != ""}
        if is_empty(told):
            return extra or None
        if isinstance(told, str):  # in a CSV
            told = parse_json(told.encode())
        if not isinstance(told, dict):
            raise Rejected("map", "invalid_value", f"properties is {json_type(told)}, not an object")
        extra = {f"{name} (2)" if name in told else name: value for name, value in extra.items()}
        return {**extra, **told}

    def _split(self, more: Iterable[Spot]) -> tuple[frozenset[str], Prune | None]:
        """The fields that are taken whole, and what takes what is taken of others."""
        tree = spots_tree([*self._fixed, *more])
        whole = frozenset(step for step, below in tree.items() if not below)
        below = {step: below for step, below in tree.items() if below}
        return whole, pruner(below) if below else None


def _nested(name: str) -> list[Spot]:
    """A name as a path, where it can be one."""
    try:
        return [parse_path(name)]
    except ValueError:
        return []


def reader_of(contract: FileContract, column: str) -> Callable[[str, Any], datetime.datetime]:
    """How the moments of a column are written, as a function that reads them."""
    return moment_reader(*form_of(contract, column))


def form_of(contract: FileContract, column: str) -> tuple[str, str | None]:
    """How the moments of a column are written, and the zone of those that name none."""
    origin = contract.columns.get(column)
    form, zone = contract.timestamps, contract.time_zone
    if isinstance(origin, Origin):
        if isinstance(origin.source, FileName | LoadDate):  # not written by whoever wrote the records
            form, zone = ISO, None
        if origin.timestamps is not None:
            form, zone = origin.timestamps, None if origin.timestamps in UNIX else zone
        zone = origin.time_zone or zone
    return form, zone


class EventNames(dict):
    """What the producer calls an event, to what COPY gets: (event_name, event_type, is_activity).

    Filled as names occur. Raises `KeyError` for a name that the contract neither maps nor takes for a custom event.
    """

    MOST = 10_000  # names that are kept

    def __init__(self, contract: FileContract) -> None:
        super().__init__()
        self._contract = contract
        self._normalise = text_rule(contract, "event_type") or str
        self._name = text_rule(contract, "event_name") or str

    def __missing__(self, written: str) -> tuple[str, str, str]:
        contract, normalised = self._contract, self._normalise(written)
        event_type = contract.event_types.get(written) or contract.event_types.get(normalised)
        if event_type is None and _matches(contract.custom_events, written, normalised):
            event_type = CUSTOM
        if event_type is None or not written:
            raise KeyError(written)
        is_passive = event_type in contract.passive_types or _matches(contract.no_activity, written, normalised)
        told = (self._name(written), event_type, "f" if is_passive else "t")
        if len(self) < self.MOST:
            self[written] = told
        return told


def _matches(patterns: tuple[str, ...], *names: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


def text_rule(contract: FileContract, column: str) -> Callable[[str], str] | None:
    """How the contract rewrites the texts of a column, if it does."""
    case = str.lower if column in contract.lower else str.upper if column in contract.upper else None
    ours = contract.replace.get(column)
    if ours is None:
        return case
    if case is None:
        return lambda value: ours.get(value, value)
    return lambda value: ours.get(case(value), case(value))


def numeral_rule(dialect: Dialect) -> Callable[[str], str]:
    """How the text of a number is written with a decimal point, and nothing between the thousands.

    A text that is not written as the dialect says comes out as no number.
    """
    point, thousands = "," if dialect.decimal_comma else ".", dialect.thousands
    if point == "." and thousands is None:
        return str
    whole = r"\d+" if thousands is None else rf"\d+|\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+"
    written = re.compile(rf"([+-]?)({whole})?(?:{re.escape(point)}(\d*))?((?:[eE][+-]?\d{{1,3}})?)", re.ASCII)

    def numeral(text: str) -> str:
        if not (found := written.fullmatch(text)):
            return ""
        sign, units, decimals, exponent = found.groups(default="")
        return f"{sign}{units.replace(thousands or point, '')}.{decimals}{exponent}"

    return numeral


def bounds(contract: FileContract, load_date: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    """The first moment that is not ancient, and the first that is in the future of the load day."""
    midnight = datetime.time(tzinfo=UTC)
    return (
        datetime.datetime.combine(contract.earliest, midnight),
        datetime.datetime.combine(load_date + datetime.timedelta(days=2), midnight),
    )


def content_hash(source: str, record: dict[str, Any]) -> str:
    """An id for an event without one: BLAKE2b-128 of its source and its content, whatever the order of its fields."""
    return hashlib.blake2b(source.encode() + b"\n" + encode(record), digest_size=16).hexdigest()


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
