"""Records to canonical rows in COPY's text format, as a file's contract says.

`Mapper` is the definition: it takes any record, and either gives a row or says exactly what is wrong. `fast_events.py`
gives the same rows for well-formed events, some five times faster.
"""

import datetime
import hashlib
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from ingestion.contracts import Dialect, FileContract
from ingestion.errors import Rejected
from ingestion.extracts import extract_columns
from ingestion.json_text import encode, json_type, jsonb_text, parse_json
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
    PROPERTIES,
    TEXT,
    TIMESTAMP,
)
from ingestion.vocabulary import CUSTOM

BLANK = " \t\r\n"
NULL = r"\N"
UTC = datetime.UTC

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Mapper:
    """Maps the records of one file of one load day. Every answer is a function of the record and the contract alone."""

    def __init__(self, contract: FileContract, load_date: datetime.date, file_no: int) -> None:
        self.contract = contract
        target = contract.target
        self.is_events = target.name == "user_events"
        self.has_key = all(column in contract.columns for column in target.key)
        self.arrival = f"{load_date}\t{file_no}\t"
        self.earliest, self.latest = bounds(contract, load_date)
        self.prefix = f"{contract.namespace}:" if contract.namespace else ""
        convert = {
            TEXT: self._text,
            ID: self._id,
            TIMESTAMP: self._timestamp,
            NUMBER: self._number,
            INTEGER: self._integer,
            OPERATION: self._operation,
            PROPERTIES: self._properties,
            EVENT_TYPE: self._event_type,
            EVENT_NAME: self._event_name,
            ACTIVITY: self._activity,
        }
        self.event_names = EventNames(contract)
        self.numeral = numeral_rule(contract.dialect)
        self.codes = {column: code for column in target.columns if (code := text_rule(contract, column))}
        self.mapped = frozenset(contract.columns.values()) | contract.ignore
        self.empty = dict.fromkeys(target.columns) | extract_columns(contract, load_date)
        # What to do for each column that can have a value: column, field, text without a field, text in its place.
        # What is made of the producer's name of an event comes from the same field as the event's type.
        told = {
            column: "event_type" if kind in (EVENT_NAME, ACTIVITY) else column
            for column, kind in target.columns.items()
        }
        self.plan = [
            (column, convert[kind], contract.columns.get(told[column]), constant, contract.defaults.get(told[column]))
            for column, kind in target.columns.items()
            if (constant := contract.constants.get(told[column])) is not None
            or told[column] in contract.columns
            or told[column] in contract.defaults
        ]
        key = ("event_id",) if self.is_events and self.has_key else ()
        self.needed_by_deletions = (*key, *target.required)
        self.needed = tuple(dict.fromkeys((*key, *target.required, *contract.required)))

    def row(self, line_no: int, record: dict[str, Any], *, is_plain: bool = False) -> str:
        """The row of one record, field to value; none of them needs escaping where it `is_plain`. Raises `Rejected`."""
        row = self.empty.copy()
        for column, convert, field, constant, default in self.plan:
            value = record.get(field) if field is not None else constant
            if value is None or (isinstance(value, str) and not value.strip(BLANK)):
                value = default
            if value is not None:
                row[column] = convert(column, value)
        if unknown := record.keys() - self.mapped:
            extra = {name: record[name] for name in unknown if record[name] is not None and record[name] != ""}
            if extra:
                row["properties"] = {**extra, **(row["properties"] or {})}
        self._check(row)
        if self.is_events:
            row["actor_id"] = row["user_id"] or row["anonymous_id"]
            row["is_producer_session"] = "t" if self.contract.producer_sessions and row["session_id"] else "f"
            if not self.has_key:
                row["event_id"] = content_hash(self.contract.source, record)
        if row["properties"] is not None:
            row["properties"] = jsonb_text(row["properties"])
            is_plain = False
        if is_plain:
            values = "\t".join([NULL if value is None else value for value in row.values()])
        else:
            values = "\t".join([NULL if value is None else value.translate(ESCAPES) for value in row.values()])
        return f"{self.arrival}{line_no}\t{self.contract.source}\t{values}\n"

    def _check(self, row: dict[str, Any]) -> None:
        is_delete = row.get("op") == "delete"
        for column in self.needed_by_deletions if is_delete else self.needed:
            if row[column] is None:
                raise self._missing(column)
        if self.is_events and row["user_id"] is None and row["anonymous_id"] is None:
            raise Rejected("map", "missing_value", "neither user_id nor anonymous_id: whose event is it?")
        for rule in self.contract.rules:
            if is_delete or (rule.when is not None and row["event_type"] not in rule.when):
                continue
            value = row[rule.column]
            if value is None:
                if rule.required:
                    raise self._missing(rule.column, stage="rule")
            elif rule.positive and float(value) <= 0:
                raise Rejected("rule", "invalid_value", f"{rule.column} is {value}, not above zero")
            elif rule.one_of is not None and value not in rule.one_of:
                allowed = ", ".join(sorted(rule.one_of))
                raise Rejected("rule", "invalid_value", f"{rule.column} is {_shown(value)}, none of {allowed}")

    def _missing(self, column: str, stage: str = "map") -> Rejected:
        field = self.contract.columns.get(column, column)
        return Rejected(stage, "missing_value", f"{field} is missing, null or blank (column {column})")

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
                f" of ingestion/sources/{self.contract.source}.yml",
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
        moment = _moment(column, value, self.contract.timestamps)
        if column == self.contract.target.moment:
            if moment < self.earliest:
                raise Rejected("map", "ancient_timestamp", f"{column} is {moment}, before {self.earliest}")
            if moment >= self.latest:
                raise Rejected("map", "future_timestamp", f"{column} is {moment}, not before {self.latest}")
        return str(moment)

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

    def _properties(self, column: str, value: Any) -> dict[str, Any]:
        if isinstance(value, str):  # in a CSV
            value = parse_json(value.encode())
        if not isinstance(value, dict):
            raise Rejected("map", "invalid_value", f"{column} is {json_type(value)}, not an object")
        return value


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


def _moment(column: str, value: Any, form: str) -> datetime.datetime:
    """A timestamp with its zone; one without is UTC, and a date is its first moment."""
    try:
        if form != "iso":
            seconds = float(value) / (1000 if form == "unix_milliseconds" else 1)
            return datetime.datetime.fromtimestamp(0, UTC) + datetime.timedelta(seconds=seconds)
        text = value.strip(BLANK)
        moment = msgspec.convert(f"{text}T00:00:00" if _DATE.fullmatch(text) else text, datetime.datetime)
    except (AttributeError, TypeError, ValueError, OverflowError, msgspec.ValidationError) as error:
        expected = "an ISO 8601 timestamp" if form == "iso" else form
        raise Rejected("map", "unparsable_timestamp", f"{column} is {_shown(value)}, not {expected}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
