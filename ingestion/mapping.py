"""Lines to canonical rows in COPY's text format, as a file's contract says.

There are two mappers. `Mapper` is the definition: it takes any line and either gives a row or says exactly what is
wrong. `FastEvents` knows only well-formed NDJSON events and raises `Doubt` for everything else, upon which `Mapper`
decides; for what it accepts it gives the same row, some five times faster.
"""

import datetime
import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from ingestion.contracts import FileContract, Rule
from ingestion.reading import LONGEST_LINE
from ingestion.targets import (
    ID,
    INTEGER,
    LIMITS,
    LONGEST_ID,
    NUMBER,
    OPERATION,
    PROPERTIES,
    TARGETS,
    TEXT,
    TIMESTAMP,
)

RULES_VERSION = 1  # counts the changes to this module that change rows; a day loaded with another one is loaded again
DEEPEST = 500  # levels of nesting in one line
BLANK = " \t\r\n"
NULL = r"\N"
UTC = datetime.UTC

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="deterministic").encode
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_UTC_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Rejected(Exception):
    """A line that is held back: stage (read, parse, map, rule), error code, and detail for a person."""

    def __init__(self, stage: str, code: str, detail: str) -> None:
        super().__init__(stage, code, detail)
        self.stage, self.code, self.detail = stage, code, detail


class Mapper:
    """Maps the lines of one file of one load day. Every answer is a function of the line and the contract alone."""

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
        }
        self.codes = {column: code for column in target.columns if (code := _code(contract, column))}
        self.mapped = frozenset(contract.columns.values()) | contract.ignore
        self.empty = dict.fromkeys(target.columns)
        # What to do for each column that can have a value: column, field, text without a field, text in its place.
        self.plan = [
            (column, convert[kind], contract.columns.get(column), constant, contract.defaults.get(column))
            for column, kind in target.columns.items()
            if (constant := contract.constants.get(column)) is not None
            or column in contract.columns
            or column in contract.defaults
        ]
        key = ("event_id",) if self.is_events and self.has_key else ()
        self.needed_by_deletions = (*key, *target.required)
        self.needed = tuple(dict.fromkeys((*key, *target.required, *contract.required)))

    def ndjson(self, line_no: int, line: bytes) -> str:
        """The row of one NDJSON line. Raises `Rejected`."""
        check_bytes(line)
        record = parse_json(line)
        if not isinstance(record, dict):
            raise Rejected("parse", "not_an_object", f"the line holds {_json_type(record)}, not an object")
        return self.row(line_no, record, is_plain=b"\\" not in line)

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
            if not self.has_key:
                row["event_id"] = content_hash(self.contract.source, record)
        if row["properties"] is not None:
            row["properties"] = _json_text(row["properties"])
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
        if type(value) is int:  # ids and codes may be whole numbers
            value = str(value)
        if not isinstance(value, str):
            raise Rejected("map", "invalid_value", f"{column} is {_json_type(value)}, not a text")
        if "\0" in value:
            raise Rejected("map", "nul_byte", f"{column} holds the character U+0000")
        if column == "event_type":
            return self._event_type(value)
        if column in self.codes:
            value = self.codes[column](value)
        if column == "event_id":
            self._check_length(column, value)
        return value

    def _event_type(self, value: str) -> str:
        types = self.contract.event_types
        known = types.get(value) or types.get(self.codes["event_type"](value) if "event_type" in self.codes else value)
        if known is None:
            raise Rejected(
                "map",
                "unknown_event_type",
                f"{_shown(value)} is not among event_types of ingestion/sources/{self.contract.source}.yml",
            )
        return known

    def _id(self, column: str, value: Any) -> str:
        text = self._text(column, value)
        self._check_length(column, text)
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
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip(BLANK)):
            value = float(value)
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
            raise Rejected("map", "invalid_value", f"{column} is {_json_type(value)}, not an object")
        return value


class Doubt(Exception):
    """The fast mapper does not know; the other one decides."""


class FastEvents:
    """Maps well-formed NDJSON events, a batch of lines at a time."""

    # Without a backslash or a control character a value goes to COPY as it is; a blank text begins with quote, blank.
    SUSPICIOUS = (b"\\", b"\t", b"\r", b'" ')
    CODES = ("platform", "app_version", "user_agent", "currency")

    def __init__(self, contract: FileContract, load_date: datetime.date, file_no: int) -> None:
        self._decode = _event_decoder(tuple(contract.columns.items()))
        self._codes = [_Codes(contract, column) for column in self.CODES]
        self._event_types = dict(contract.event_types)
        self._bounds = bounds(contract, load_date)
        self._start = f"{load_date}\t{file_no}\t"
        self._source = contract.source
        self._prefix = f"{contract.namespace}:" if contract.namespace else ""
        needed = {*contract.target.required, "event_id"}
        self._required = tuple(column for column in contract.required if column not in needed)
        self._rules = {
            event_type: tuple(
                rule
                for rule in contract.rules
                if (rule.when is None or event_type in rule.when) and not _Codes.knows(rule)
            )
            for event_type in contract.event_types.values()
        }

    @staticmethod
    def covers(contract: FileContract) -> bool:
        """Whether the files of this kind can be mapped here."""
        fields = list(contract.columns.values())
        return (
            contract.format == "ndjson"
            and contract.target.name == "user_events"
            and "event_id" in contract.columns
            and len(set(fields)) == len(fields)
            and contract.timestamps == "iso"
            and not (contract.constants or contract.defaults or contract.ignore)
            and contract.replace.keys() <= set(FastEvents.CODES)
        )

    def batch(self, lines: list[bytes]) -> Callable[[int, bytes], str]:
        """A function from (line number, line of this batch) to a row, which raises `Doubt`."""
        whole = b"\n".join(lines)
        suspicious = tuple(mark for mark in self.SUSPICIOUS if mark in whole)
        decode, encode, event_types = self._decode, _encode, self._event_types
        platforms, app_versions, user_agents, currencies = self._codes
        required, rules = self._required, self._rules
        earliest, latest = self._bounds
        longest_seconds, largest_amount = LIMITS["duration_seconds"], LIMITS["amount"]
        start, source, prefix = self._start, self._source, self._prefix
        is_utc_timestamp, parse = _UTC_TIMESTAMP.fullmatch, datetime.datetime.fromisoformat

        def fast(line_no: int, line: bytes) -> str:
            for mark in suspicious:
                if mark in line:
                    raise Doubt
            if len(line) > 2 * DEEPEST and line.count(b"{") + line.count(b"[") > DEEPEST:
                raise Doubt
            try:
                event = decode(line)
                event_type = event_types[event.event_type]
                event_ts = event.event_ts
                if not (is_utc_timestamp(event_ts) and earliest <= parse(event_ts) < latest):
                    raise Doubt
            except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
                raise Doubt from error
            user_id, anonymous_id, content_id = event.user_id, event.anonymous_id, event.content_id
            product_id, seconds, amount = event.product_id, event.duration_seconds, event.amount
            actor_id = user_id or anonymous_id
            if (
                not (actor_id and event.event_id)
                or (seconds is not None and not -longest_seconds < seconds < longest_seconds)
                or (amount is not None and not -largest_amount < amount < largest_amount)
            ):
                raise Doubt
            if len(line) > LONGEST_ID:
                for value in (event.event_id, user_id, anonymous_id, content_id, product_id):
                    if value and len(value) > LONGEST_ID // 4:  # a character has up to four bytes
                        raise Doubt
            for column in required:
                if getattr(event, column) in (None, ""):
                    raise Doubt
            for rule in rules[event_type]:
                value = getattr(event, rule.column)
                if value is None or value == "":
                    if rule.required:
                        raise Doubt
                elif rule.one_of is not None or (rule.positive and value <= 0):
                    raise Doubt
            return (
                f"{start}{line_no}\t{source}\t{event.event_id}\t{prefix}{actor_id}\t"
                f"{prefix + user_id if user_id else NULL}\t{prefix + anonymous_id if anonymous_id else NULL}\t"
                f"{event_type}\t{event_ts}\t{platforms[event.platform]}\t{app_versions[event.app_version]}\t"
                f"{user_agents[event.user_agent]}\t{prefix + content_id if content_id else NULL}\t"
                f"{prefix + product_id if product_id else NULL}\t{NULL if seconds is None else seconds}\t"
                f"{NULL if amount is None else amount}\t{currencies[event.currency]}\t"
                f"{NULL if event.properties is None else encode(event.properties).decode()}\n"
            )

        return fast


@cache
def _event_decoder(fields: tuple[tuple[str, str], ...]) -> Callable[[bytes], msgspec.Struct]:
    """Decodes an event whose columns are written as these (column, field); columns without a field are None."""
    columns = TARGETS["user_events"].columns
    types = {NUMBER: float, PROPERTIES: dict[str, Any]}
    shape = msgspec.defstruct(
        "Event",
        [(column, types.get(columns[column], str) | None, None) for column, _ in fields],
        rename=dict(fields),
        namespace=dict.fromkeys(set(columns) - {column for column, _ in fields}),
        forbid_unknown_fields=True,
        gc=False,
    )
    return msgspec.json.Decoder(shape).decode


class _Codes(dict):
    """What the producer writes to what COPY gets, for one text column with few values; filled as they come."""

    MOST = 10_000

    def __init__(self, contract: FileContract, column: str) -> None:
        super().__init__({None: NULL, "": NULL})
        self._normalise = _code(contract, column) or str
        self._one_of = [rule.one_of for rule in contract.rules if rule.column == column and self.knows(rule)]

    @staticmethod
    def knows(rule: Rule) -> bool:
        """Whether a rule is kept here: one that holds whatever the event."""
        return rule.column in FastEvents.CODES and rule.when is None and not rule.required and rule.one_of is not None

    def __missing__(self, value: str) -> str:
        code = self._normalise(value)
        if any(code not in allowed for allowed in self._one_of):
            raise Doubt
        if len(self) < self.MOST:
            self[value] = code
        return code


def _code(contract: FileContract, column: str) -> Callable[[str], str] | None:
    """How the contract rewrites the texts of a column, if it does."""
    case = str.lower if column in contract.lower else str.upper if column in contract.upper else None
    ours = contract.replace.get(column)
    if ours is None:
        return case
    if case is None:
        return lambda value: ours.get(value, value)
    return lambda value: ours.get(case(value), case(value))


def bounds(contract: FileContract, load_date: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    """The first moment that is not ancient, and the first that is in the future of the load day."""
    midnight = datetime.time(tzinfo=UTC)
    return (
        datetime.datetime.combine(contract.earliest, midnight),
        datetime.datetime.combine(load_date + datetime.timedelta(days=2), midnight),
    )


def content_hash(source: str, record: dict[str, Any]) -> str:
    """An id for an event without one: BLAKE2b-128 of its source and its content, whatever the order of its fields."""
    return hashlib.blake2b(source.encode() + b"\n" + _encode(record), digest_size=16).hexdigest()


def check_bytes(line: bytes) -> None:
    """Raises `Rejected` for bytes that can be no text of ours."""
    if len(line) > LONGEST_LINE:
        raise Rejected("read", "line_too_long", f"{len(line):,} bytes, more than {LONGEST_LINE // 1024**2} MiB")
    if b"\0" in line:
        raise Rejected("read", "nul_byte", f"a NUL byte at position {line.index(0) + 1}")
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise Rejected("read", "invalid_utf8", f"at byte {error.start + 1}: {error.reason}") from error


def parse_json(text: bytes) -> Any:
    """What msgspec reads, refused beyond a fixed depth: Python's own limit depends on who calls. Raises `Rejected`."""
    if len(text) > 2 * DEEPEST and _depth(text) > DEEPEST:
        raise Rejected("parse", "malformed_json", f"nested more than {DEEPEST} levels deep")
    try:
        return _decode(text)
    except msgspec.ValidationError as error:
        raise Rejected("parse", "invalid_value", f"a number out of range: {error}") from error
    except msgspec.DecodeError as error:
        raise Rejected("parse", "malformed_json", str(error)) from error


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


def _json_text(value: dict[str, Any]) -> str:
    """JSON that jsonb takes: it has no U+0000."""
    text = _encode(value).decode()
    if "\\u0000" in text and _holds_nul(value):
        raise Rejected("map", "nul_byte", "properties holds the character U+0000")
    return text


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in key or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_holds_nul(item) for item in value)


def _depth(line: bytes) -> int:
    """The deepest nesting of objects and arrays; 0 where there are too few brackets to matter."""
    if line.count(b"[") + line.count(b"{") <= DEEPEST:
        return 0
    depth = deepest = 0
    in_text = escaped = False
    for byte in line:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _json_type(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
