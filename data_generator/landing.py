"""From columns to bytes: the files of one day, each with its exact account for the manifest."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from data_generator.company import CURRENCIES, DAY, Company
from data_generator.lives import PLATFORMS
from data_generator.mess import KIND, KINDS, QUARANTINED, Delivery
from data_generator.rates import Rates
from data_generator.script import Table, take
from data_generator.streams import lane, pick
from data_generator.timeline import Timeline
from data_generator.vocabulary import CAMPAIGNS, EVENT, EVENTS, PAGES, PLACES, PROPERTIES, clients

FIRST_USER = 1000
"""User ids have at least four digits, so that they can be written as thousands and the rest."""

_CHUNK = 1 << 15
_MINUTE, _DAY = 60_000, DAY * 1000

_UNKNOWN = ("heartbeat", "content_strat", "debug_ping", "screen_rotated")
_NO_TIMES = ("yesterday", "2026-02-30T10:00:00Z", "2026-04-12T25:61:00Z", "12/31/26 07:15")
_NOT_OBJECTS = ("[]", '"retry"', "17", "null")


@dataclass
class File:
    """One file of a day and what a loader must find in it."""

    path: str
    body: bytes
    lines: int
    quarantined: Counter = field(default_factory=Counter)
    mess: Counter = field(default_factory=Counter)
    duplicates: int = 0

    def account(self) -> dict:
        return {
            "path": self.path,
            "lines": self.lines,
            "expected_loaded": self.lines - self.duplicates - sum(self.quarantined.values()),
            "expected_duplicates_same_day": self.duplicates,
            "quarantined": dict(sorted(self.quarantined.items())),
            "mess": dict(sorted(self.mess.items())),
        }


@dataclass(frozen=True)
class Extract:
    """A CSV extract: where its change records come from and how they are written.

    `attributes(thing, moment)` gives one list per column; ids are `prefix` and the thing's number plus `first`.
    """

    path: str
    key: str
    columns: tuple[str, ...]
    prefix: str
    first: int
    timeline: Timeline
    attributes: Callable[[np.ndarray, np.ndarray], list[list]]


def iso(moments: np.ndarray, company: Company) -> list[str]:
    """ISO 8601 UTC of moments in seconds since `start`."""
    return np.datetime_as_string((moments + company.epoch).astype("datetime64[s]"), timezone="UTC").tolist()


# Events: NDJSON. A chunk of lines is a structured array with fields padded by NUL bytes: each field is looked up in a
# table of ready-made fragments, and dropping the NULs leaves the text. No Python runs per line, but for bad ones.


def _fields(entry: dict[str, str]) -> str:
    """Fields of a line, each with a comma before it."""
    return "".join(f',"{name}":"{value}"' for name, value in entry.items())


def _fragments(texts: list[str]) -> np.ndarray:
    return np.array([text.encode() for text in texts])


_HEX = np.frombuffer(np.arange(1 << 16, dtype=">u2").tobytes().hex().encode(), "S4")
_HEX_DASH = np.char.add(_HEX, b"-")
_HEX_QUOTE = np.char.add(_HEX, b'"')
_HEX_QUOTE_COMMA = np.char.add(_HEX, b'",')
_EVENT = _fragments([f'"event":"{name}",' for name in EVENTS])
_MINUTES = _fragments([f"T{minute // 60:02}:{minute % 60:02}" for minute in range(1440)])
_SECONDS = np.char.add(
    _fragments([f":{second:02}." for second in range(60)])[:, None],
    _fragments([f'{ms:03}Z"' for ms in range(1000)]),
).ravel()
_ANONYMOUS = np.array(b',"anonymous_id":"a_')
_USER_REST = _fragments([*(f'{rest:03}"' for rest in range(1000)), ""])
_DURATION = _fragments([*(f',"duration_seconds":{seconds}' for seconds in range(3601)), ""])
_PROPERTIES = _fragments(
    [f',"properties":{json.dumps(entry, separators=(",", ":"))}' if entry else "" for entry in PROPERTIES]
)
_PAGE = _fragments([f',"page_path":"{page}"' if page else "" for page in PAGES])
_CAMPAIGN = _fragments([_fields(entry) for entry in CAMPAIGNS])
_PLACE = _fragments([_fields(entry) for entry in PLACES])
_SESSION = np.array(b',"session_id":"s_')
_ORDERED = np.array([EVENT["purchase"], EVENT["refund"]])
_ORDER_BITS = (1 << 56) - 1  # a refund's key is that of its purchase, with other bits above; the last 6 are of the line


def _amounts(events: Table) -> list[bytes]:
    """What is paid: the amount and, in the shop, the order that it belongs to."""
    ordered = np.isin(events["event"], _ORDERED).tolist()
    columns = (events[name].tolist() for name in ("cents", "currency", "key", "quantity"))
    return [
        (
            f',"amount":{cents / 100:.2f},"currency":"{CURRENCIES[currency]}"'
            + (f',"order_id":"o_{(key & _ORDER_BITS) >> 6:x}","quantity":{quantity}' if is_order else "")
        ).encode()
        for is_order, cents, currency, key, quantity in zip(ordered, *columns, strict=True)
    ]


class EventWriter:
    """Writes the events that land on `day` (days since `start`)."""

    def __init__(self, company: Company, day: int, users: int, content: int, products: int) -> None:
        self.company, self.day = company, day
        self.clients = [_fields(client) for client in clients(day)]
        self.platform = np.array([PLATFORMS.index(client["platform"]) for client in clients(day)])
        self.client = _fragments(self.clients)
        thousands = (users + FIRST_USER) // 1000 + 1
        self.user = _fragments([*(f',"user_id":"u_{number}' for number in range(thousands)), ""])
        self.content = _fragments([*(f',"content_id":"c_{number}"' for number in range(content)), ""])
        self.product = _fragments([*(f',"product_id":"p_{number}"' for number in range(products)), ""])
        self.line = np.dtype(
            [
                ("id_key", "S20"), ("id_0", "S4"), ("id_1", "S5"), ("id_2", "S5"), ("id_3", "S5"), ("id_4", "S5"),
                ("id_5", "S4"), ("id_6", "S4"), ("id_7", "S6"),
                ("event", "S32"), ("date", "S32"), ("minute", _MINUTES.dtype), ("second", _SECONDS.dtype),
                ("user", self.user.dtype), ("user_rest", _USER_REST.dtype),
                ("anonymous", _ANONYMOUS.dtype), ("anonymous_0", "S4"), ("anonymous_1", "S4"), ("anonymous_2", "S5"),
                ("client", self.client.dtype), ("content", self.content.dtype), ("product", self.product.dtype),
                ("seconds", _DURATION.dtype), ("amount", "S80"), ("properties", _PROPERTIES.dtype),
                ("place", _PLACE.dtype), ("page", _PAGE.dtype),
                ("session", _SESSION.dtype), ("session_0", "S4"), ("session_1", "S4"), ("session_2", "S4"),
                ("session_3", "S5"), ("end", "S2"),
            ]
        )  # fmt: skip

    def files(self, delivery: Delivery) -> Iterator[File]:
        """One file per platform, its lines in the order of arrival."""
        platform = self.platform[delivery.events["client"]]
        row = np.arange(len(platform))
        # One sort of packed numbers is much faster than a stable argsort, and as exact: platform, arrival, row.
        order = np.sort(platform.astype(np.int64) << 56 | delivery.arrival << 28 | row) & ((1 << 28) - 1)
        bounds = np.searchsorted(platform[order], np.arange(len(PLATFORMS) + 1))
        for number, name in enumerate(PLATFORMS):
            rows = order[bounds[number] : bounds[number + 1]]
            counts = np.bincount(delivery.mess[rows], minlength=len(KINDS))
            mess = Counter({kind: int(counts[code]) for code, kind in enumerate(KINDS) if kind and counts[code]})
            yield File(
                path=f"events-{name}.ndjson.gz",
                body=self._gzip(delivery, rows),
                lines=len(rows),
                quarantined=Counter({kind: mess.pop(kind) for kind in QUARANTINED if kind in mess}),
                duplicates=mess.pop("duplicate_same_day", 0),
                mess=mess,
            )

    def _gzip(self, delivery: Delivery, rows: np.ndarray) -> bytes:
        gzip = zlib.compressobj(level=1, wbits=31)  # 31: with a gzip header, which holds no time
        parts = []
        for begin in range(0, len(rows), _CHUNK):
            chunk = rows[begin : begin + _CHUNK]
            events = {name: column[chunk] for name, column in delivery.events.items()}
            lines = self._lines(events)
            self._spoil(lines, events, delivery.mess[chunk])
            parts.append(gzip.compress(lines.tobytes().translate(None, b"\0")))
        parts.append(gzip.flush())
        return b"".join(parts)

    def _lines(self, events: Table) -> np.ndarray:
        lines = np.empty(len(events["ts"]), self.line)
        lines["id_key"] = b'{"event_id":"'
        for number, column in enumerate(self._uuid(events)):
            table = (_HEX, _HEX_DASH, _HEX_DASH, _HEX_DASH, _HEX_DASH, _HEX, _HEX, _HEX_QUOTE_COMMA)[number]
            lines[f"id_{number}"] = table[column]
        lines["event"] = _EVENT[events["event"]]
        happened, within = np.divmod(events["ts"], _DAY)
        oldest, newest = int(happened.min()), int(happened.max())
        dates = [f'"ts":"{self.company.date_of(number)}' for number in range(oldest, newest + 1)]
        lines["date"] = _fragments(dates)[happened - oldest]
        lines["minute"] = _MINUTES[within // _MINUTE]
        lines["second"] = _SECONDS[within % _MINUTE]
        thousand, rest = np.divmod(events["user"] + FIRST_USER, 1000)
        known = events["user"] >= 0
        lines["user"] = self.user[np.where(known, thousand, -1)]
        lines["user_rest"] = _USER_REST[np.where(known, rest, -1)]
        self._write_anonymous(lines, events["anonymous"])
        lines["client"] = self.client[events["client"]]
        lines["content"] = self.content[events["content"]]
        lines["product"] = self.product[events["product"]]
        lines["seconds"] = _DURATION[events["seconds"]]
        lines["amount"] = b""
        paid = np.flatnonzero(events["cents"] >= 0)
        lines["amount"][paid] = _amounts(take(events, paid))
        led = np.flatnonzero(events["campaign"])  # never together with an amount: a narrow line is written faster
        lines["amount"][led] = _CAMPAIGN[events["campaign"][led]]
        lines["properties"] = _PROPERTIES[events["properties"]]
        lines["place"] = _PLACE[events["place"]]
        lines["page"] = _PAGE[events["page"]]
        self._write_session(lines, events["session"])
        lines["end"] = b"}\n"
        return lines

    def _uuid(self, events: Table) -> Iterator[np.ndarray]:
        """The eight 16-bit groups of a version 7 UUID: 48 bits of time, then random bits."""
        bits = self.company.streams.bits("event id", events["key"])
        time = (events["ts"] + self.company.epoch * 1000).astype(np.uint64)
        more = bits * np.uint64(0x9E3779B97F4A7C15)
        last = np.uint64(0xFFFF)
        yield time >> np.uint64(32)
        yield time >> np.uint64(16) & last
        yield time & last
        yield more >> np.uint64(52) | np.uint64(0x7000)
        yield bits >> np.uint64(50) | np.uint64(0x8000)
        yield bits >> np.uint64(32) & last
        yield bits >> np.uint64(16) & last
        yield bits & last

    def _write_anonymous(self, lines: np.ndarray, anonymous: np.ndarray) -> None:
        for name in ("anonymous", "anonymous_0", "anonymous_1", "anonymous_2"):
            lines[name] = b""
        rows = np.flatnonzero(anonymous)
        last = np.uint64(0xFFFF)
        lines["anonymous"][rows] = _ANONYMOUS
        lines["anonymous_0"][rows] = _HEX[anonymous[rows] >> np.uint64(48)]
        lines["anonymous_1"][rows] = _HEX[anonymous[rows] >> np.uint64(32) & last]
        lines["anonymous_2"][rows] = _HEX_QUOTE[anonymous[rows] >> np.uint64(16) & last]

    def _write_session(self, lines: np.ndarray, session: np.ndarray) -> None:
        for name in ("session", "session_0", "session_1", "session_2", "session_3"):
            lines[name] = b""
        rows = np.flatnonzero(session)
        bits, last = session[rows], np.uint64(0xFFFF)
        lines["session"][rows] = _SESSION
        lines["session_0"][rows] = _HEX[bits >> np.uint64(48)]
        lines["session_1"][rows] = _HEX[bits >> np.uint64(32) & last]
        lines["session_2"][rows] = _HEX[bits >> np.uint64(16) & last]
        lines["session_3"][rows] = _HEX_QUOTE[bits & last]

    def _spoil(self, lines: np.ndarray, events: Table, mess: np.ndarray) -> None:
        """Makes the lines with mess that shows in the line as bad as their kind says."""
        wrong_case = np.flatnonzero(mess == KIND["wrong_case"])
        lines["event"][wrong_case] = [
            b'"event":"%b",' % EVENTS[code].upper().encode() for code in events["event"][wrong_case]
        ]
        for row in wrong_case:
            lines["client"][row] = self._shouting(events["client"][row])
        bad = np.flatnonzero((mess > 0) & (mess <= len(QUARANTINED)))
        chances = self.company.streams.below(1 << 31, "way of being bad", events["key"][bad])
        for row, chance in zip(bad.tolist(), chances.tolist(), strict=True):
            self._spoil_line(lines[row : row + 1], KINDS[mess[row]], chance)

    def _shouting(self, client: int) -> str:
        return self.clients[client].replace(
            PLATFORMS[self.platform[client]], PLATFORMS[self.platform[client]].upper(), 1
        )

    def _spoil_line(self, line: np.ndarray, kind: str, chance: int) -> None:
        """`line` is a view of one line, `chance` decides between the ways in which a line of this kind can be bad."""
        if kind == "malformed_json":
            cut = list(self.line.names[self.line.names.index(("second", "user_rest", "end")[chance % 3]) :])
            _write(line, **(dict.fromkeys(cut, "") | {"end": "\n"}))
        elif kind == "not_an_object":
            _write(line, **(dict.fromkeys(self.line.names, "") | {"event": _NOT_OBJECTS[chance % 4], "end": "\n"}))
        elif kind == "missing_value":
            blank = ("null", '""', '" "')[chance // 8 % 3]
            no_id = dict.fromkeys([name for name in self.line.names if name.startswith("id_")], "")
            no_actor = dict.fromkeys([name for name in self.line.names if name.startswith(("user", "anonymous"))], "")
            fields = (
                {**no_id, "id_key": "{"},
                {**no_id, "id_key": f'{{"event_id":{blank},'},
                {"event": ""},
                {"event": f'"event":{blank},'},
                {"date": f'"ts":{blank}', "minute": "", "second": ""},
                no_actor,
            )
            _write(line, **fields[chance % len(fields)])
        elif kind == "unknown_event_type":
            _write(line, event=f'"event":"{_UNKNOWN[chance % len(_UNKNOWN)]}",')
        elif kind == "unparsable_timestamp":
            _write(line, date=f'"ts":"{_NO_TIMES[chance % len(_NO_TIMES)]}"', minute="", second="")
        elif kind == "future_timestamp":
            _write(line, date=f'"ts":"{self.company.date_of(self.day) + timedelta(days=3 + chance % 3000)}')
        elif kind == "ancient_timestamp":
            _write(line, date=f'"ts":"{date(1970, 1, 1) + timedelta(days=chance % 14_000)}')


def _write(line: np.ndarray, **fields: str) -> None:
    for name, text in fields.items():
        if len(text.encode()) > line.dtype[name].itemsize:
            raise ValueError(f"{text!r} does not fit into field {name}: widen it in EventWriter.line")
        line[name] = text.encode()


# Extracts: CSV.


def change_records(timeline: Timeline, day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(thing, moment, is_delete) of what lands on `day`: its changes; on day 0, first the state of all that exists."""
    thing, moment, is_delete = timeline.records(day * DAY, (day + 1) * DAY)
    if day > 0:
        return thing, moment, is_delete
    standing, since = timeline.standing(0)
    return (
        np.concatenate([standing, thing]),
        np.concatenate([since, moment]),
        np.concatenate([np.zeros(len(standing), bool), is_delete]),
    )


def write_extract(extract: Extract, day: int, company: Company, rates: Rates) -> File:
    """A CSV file of change records: id, changed_at, op, then the attributes.

    Bad lines are broken copies written before good ones, so that no change is lost and dimensions stay complete.
    """
    thing, moment, is_delete = change_records(extract.timeline, day)
    attributes = zip(*extract.attributes(thing, moment), strict=True)
    chance = company.streams.bits(f"extract {extract.path}", thing, moment)
    kinds = pick(
        [1 - rates.csv_column_count - rates.csv_missing_value - rates.csv_wrong_case]
        + [rates.csv_column_count, rates.csv_missing_value, rates.csv_wrong_case],
        lane(chance, 0),
    )
    country = extract.columns.index("country") if "country" in extract.columns else None
    file = File(extract.path, b"", len(thing))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([extract.key, "changed_at", "op", *extract.columns])
    rows = zip(
        thing.tolist(),
        iso(moment, company),
        is_delete.tolist(),
        attributes,
        kinds.tolist(),
        chance.tolist(),
        strict=True,
    )
    for number, changed_at, deleted, values, kind, variant in rows:
        values = ["" for _ in values] if deleted else list(values)
        if kind == 3 and country is not None and not deleted:
            values[country] = values[country].lower()
            file.mess["wrong_case"] += 1
        row = [f"{extract.prefix}{number + extract.first}", changed_at, "delete" if deleted else "upsert", *values]
        if kind == 1:
            writer.writerow(row[:-1] if variant >> 32 & 1 else [*row, "?"])
            file.quarantined["column_count"] += 1
        elif kind == 2:
            writer.writerow(["", *row[1:]] if variant >> 32 & 1 else [row[0], "", *row[2:]])
            file.quarantined["missing_value"] += 1
        writer.writerow(row)
    file.lines += sum(file.quarantined.values())
    file.body = text.getvalue().encode()
    return file
