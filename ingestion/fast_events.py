"""The fast path for events: well-formed NDJSON lines to rows, some five times faster than by `Mapper`.

`FastEvents` raises `Doubt` for every line that is not plainly well-formed. `Mapper` then decides what becomes of it.
For the lines that `FastEvents` accepts, both give the same row; a test holds them against each other.
"""

import datetime
import itertools
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from ingestion.contracts import FileContract, Rule
from ingestion.json_text import DEEPEST, encode
from ingestion.mapping import NULL, EventNames, bounds, text_rule
from ingestion.targets import INTEGER, LIMITS, LONGEST_ID, NUMBER, PROPERTIES, TARGETS
from ingestion.vocabulary import CUSTOM

_UTC_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)


class Doubt(Exception):
    """The line is not plainly well-formed: `Mapper` decides what becomes of it."""


class FastEvents:
    """Maps well-formed NDJSON events, a batch of lines at a time."""

    # Marks that raise a doubt. A value without a backslash needs no escaping for COPY; the decoder refuses a control
    # character in a text. A text that begins with a blank (quote, blank) may be blank altogether, which is null.
    SUSPICIOUS = (b"\\", b'" ')
    # Text columns with few values, in the groups in which they stand beside each other in the row.
    CODES = (
        ("platform", "app_version", "user_agent"),
        ("currency",),
        ("country", "language", "device_type", "os", "browser"),
        ("page_path", "referrer", "utm_source", "utm_medium", "utm_campaign"),
    )

    def __init__(self, contract: FileContract, load_date: datetime.date, file_no: int) -> None:
        self._decode = _event_decoder(tuple(contract.columns.items()))
        self._codes = [_Codes(contract, columns) for columns in self.CODES]
        self._event_names = EventNames(contract)
        self._bounds = bounds(contract, load_date)
        self._start = f"{load_date}\t{file_no}\t"
        self._source = contract.source
        self._prefix = f"{contract.namespace}:" if contract.namespace else ""
        self._producer_sessions = contract.producer_sessions
        needed = {*contract.target.required, "event_id"}
        self._required = tuple(column for column in contract.required if column not in needed)
        self._rules = {
            event_type: tuple(
                rule
                for rule in contract.rules
                if (rule.when is None or event_type in rule.when) and not _Codes.knows(rule)
            )
            for event_type in (*contract.event_types.values(), CUSTOM)
        }

    @staticmethod
    def covers(contract: FileContract) -> bool:
        """Whether the files of this kind can be mapped here."""
        fields = list(contract.columns.values())
        is_array = bool(contract.dialect.records)
        return (
            (contract.format in ("ndjson", "json_array") or (contract.format == "json_document" and is_array))
            and contract.target.name == "user_events"
            and "event_id" in contract.columns
            and all(isinstance(field, str) for field in fields)
            and len(set(fields)) == len(fields)
            and (contract.timestamps, contract.time_zone) == ("iso", None)
            and not (contract.constants or contract.defaults or contract.ignore or contract.skip or contract.derived)
            and contract.replace.keys() <= {*itertools.chain(*FastEvents.CODES), "event_type", "event_name"}
        )

    def batch(self, lines: list[bytes]) -> Callable[[int, bytes], str]:
        """A function from (line number, line of this batch) to a row, which raises `Doubt`."""
        whole = b"\n".join(lines)
        suspicious = tuple(mark for mark in self.SUSPICIOUS if mark in whole)
        decode, event_names = self._decode, self._event_names
        clients, currencies, devices, pages = self._codes
        required, rules = self._required, self._rules
        earliest, latest = self._bounds
        longest_seconds, largest_amount, most = LIMITS["duration_seconds"], LIMITS["amount"], LIMITS["quantity"]
        start, source, prefix = self._start, self._source, self._prefix
        producer_sessions = self._producer_sessions
        is_utc_timestamp, parse = _UTC_TIMESTAMP.fullmatch, datetime.datetime.fromisoformat

        def fast(line_no: int, line: bytes) -> str:
            for mark in suspicious:
                if mark in line:
                    raise Doubt
            if len(line) > 2 * DEEPEST and line.count(b"{") + line.count(b"[") > DEEPEST:
                raise Doubt
            try:
                event = decode(line)
                event_name, event_type, is_activity = event_names[event.event_type]
                event_ts = event.event_ts
                if not (is_utc_timestamp(event_ts) and earliest <= parse(event_ts) < latest):
                    raise Doubt
            except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
                raise Doubt from error
            user_id, anonymous_id, content_id = event.user_id, event.anonymous_id, event.content_id
            product_id, seconds, amount = event.product_id, event.duration_seconds, event.amount
            session_id, order_id, quantity = event.session_id, event.order_id, event.quantity
            actor_id = user_id or anonymous_id
            if (
                not (actor_id and event.event_id)
                or (seconds is not None and not -longest_seconds < seconds < longest_seconds)
                or (amount is not None and not -largest_amount < amount < largest_amount)
                or (quantity is not None and not -most < quantity < most)
            ):
                raise Doubt
            if not prefix and ((user_id and ":" in user_id) or (anonymous_id and ":" in anonymous_id)):
                raise Doubt
            if len(line) > LONGEST_ID:
                ids = (event.event_id, user_id, anonymous_id, content_id, product_id, session_id, order_id)
                for value in (*ids, event.event_type):
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
                f"{event_type}\t{event_ts}\t{clients[event.platform, event.app_version, event.user_agent]}\t"
                f"{prefix + content_id if content_id else NULL}\t{prefix + product_id if product_id else NULL}\t"
                f"{NULL if seconds is None else seconds}\t{NULL if amount is None else amount}\t"
                f"{currencies[(event.currency,)]}\t"
                f"{NULL if event.properties is None else encode(event.properties).decode()}\t"
                f"{event_name}\t{is_activity}\t"
                f"{devices[event.country, event.language, event.device_type, event.os, event.browser]}\t"
                f"{pages[event.page_path, event.referrer, event.utm_source, event.utm_medium, event.utm_campaign]}\t"
                f"{prefix + session_id if session_id else NULL}\t{prefix + order_id if order_id else NULL}\t"
                f"{NULL if quantity is None else quantity}\t"
                f"{'t' if producer_sessions and session_id else 'f'}\n"
            )

        return fast


@cache
def _event_decoder(fields: tuple[tuple[str, str], ...]) -> Callable[[bytes], msgspec.Struct]:
    """Decodes an event whose columns are written as these (column, field); columns without a field are None."""
    columns = TARGETS["user_events"].columns
    types = {NUMBER: float, INTEGER: int, PROPERTIES: dict[str, Any]}
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
    """For a group of text columns: what the producer writes in them, to what COPY gets. Filled as values occur."""

    MOST = 10_000

    def __init__(self, contract: FileContract, columns: tuple[str, ...]) -> None:
        super().__init__()
        self._columns = [
            (
                text_rule(contract, column) or str,
                [rule.one_of for rule in contract.rules if rule.column == column and self.knows(rule)],
            )
            for column in columns
        ]

    @staticmethod
    def knows(rule: Rule) -> bool:
        """Whether a rule is checked here: a rule about such a column that does not depend on the event type."""
        is_code = any(rule.column in columns for columns in FastEvents.CODES)
        return is_code and rule.when is None and not rule.required and rule.one_of is not None

    def __missing__(self, values: tuple[str | None, ...]) -> str:
        codes = "\t".join([self._code(value, *how) for value, how in zip(values, self._columns, strict=True)])
        if len(self) < self.MOST:
            self[values] = codes
        return codes

    @staticmethod
    def _code(value: str | None, normalise: Callable[[str], str], allowed: list[frozenset[str]]) -> str:
        if not value:
            return NULL
        code = normalise(value)
        if any(code not in codes for codes in allowed):
            raise Doubt
        return code
